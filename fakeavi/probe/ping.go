package probe

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"os"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// checkPing sends an echo request over the unprivileged kind of ICMP socket, or a raw one where that is not allowed.
func checkPing(ctx context.Context, c health.Check) health.Outcome {
	conn, to, err := listenICMP(c.Target)
	if err != nil {
		return health.Outcome{Reason: "no ICMP socket: " + err.Error()}
	}
	defer conn.Close()
	if end, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(end); err != nil {
			return failed(err)
		}
	}
	var kind icmp.Type = ipv4.ICMPTypeEcho
	number := 1
	if !c.Target.Is4() {
		kind, number = ipv6.ICMPTypeEchoRequest, 58
	}
	payload := []byte(c.Target.String())
	echo := icmp.Message{Type: kind, Body: &icmp.Echo{ID: os.Getpid() & 0xffff, Seq: 1, Data: payload}}
	packet, err := echo.Marshal(nil)
	if err != nil {
		return health.Outcome{Reason: err.Error()}
	}
	if _, err := conn.WriteTo(packet, to); err != nil {
		return failed(err)
	}
	return awaitEcho(conn, number, payload)
}

func listenICMP(target netip.Addr) (*icmp.PacketConn, net.Addr, error) {
	networks := [2]string{"udp4", "ip4:icmp"}
	local := "0.0.0.0"
	if !target.Is4() {
		networks, local = [2]string{"udp6", "ip6:ipv6-icmp"}, "::"
	}
	if conn, err := icmp.ListenPacket(networks[0], local); err == nil {
		return conn, &net.UDPAddr{IP: target.AsSlice(), Zone: target.Zone()}, nil
	}
	conn, err := icmp.ListenPacket(networks[1], local)
	return conn, &net.IPAddr{IP: target.AsSlice(), Zone: target.Zone()}, err
}

// awaitEcho reads until the reply to our request is there.
func awaitEcho(conn *icmp.PacketConn, number int, payload []byte) health.Outcome {
	buf := make([]byte, 1500)
	for {
		n, _, err := conn.ReadFrom(buf)
		if err != nil {
			return failed(err)
		}
		m, err := icmp.ParseMessage(number, buf[:n])
		if err != nil || (m.Type != ipv4.ICMPTypeEchoReply && m.Type != ipv6.ICMPTypeEchoReply) {
			continue
		}
		if echo, ok := m.Body.(*icmp.Echo); ok && bytes.Equal(echo.Data, payload) {
			return health.Outcome{OK: true}
		}
	}
}
