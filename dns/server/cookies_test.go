package server

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
)

// The reference vector of SipHash-2-4's authors.
func TestSipHash(t *testing.T) {
	var key [16]byte
	message := make([]byte, 15)
	for i := range key {
		key[i] = byte(i)
	}
	for i := range message {
		message[i] = byte(i)
	}
	got := siphash(binary.LittleEndian.Uint64(key[:8]), binary.LittleEndian.Uint64(key[8:]), message)
	NewWithT(t).Expect(got).To(Equal(uint64(0xa129ca6149be45e5)))
}

func unhex(text string) []byte {
	b, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return b
}

// The examples of RFC 9018 appendix A.
func TestCookiesOfTheRFC(t *testing.T) {
	for name, tc := range map[string]struct {
		secret, client, server string
		from                   string
		at                     uint32
	}{
		"learning": {"e5e973e5a6b2a43f48e7dc849e37bfcf", "2464c4abcf10c957", "010000005cf79f111f8130c3eee29480", "198.51.100.100", 1559731985},
		"IPv6":     {"445536bcd2513298075a5d379663c962", "22681ab97d52c298", "010000005cf7c609a6bb79d16625507a", "2001:db8:220:1:59de:d0f4:8769:82b8", 1559741961},
	} {
		secret := CookieSecret(unhex(tc.secret))
		got := newCookieJar(&secret).bake([8]byte(unhex(tc.client)), netip.MustParseAddr(tc.from), tc.at)
		NewWithT(t).Expect(hex.EncodeToString(got[:])).To(Equal(tc.server), name)
	}
}

func withCookie(content string) []byte {
	q := new(mdns.Msg).SetQuestion("app.gslb.example.", mdns.TypeA).SetEdns0(1232, false)
	q.IsEdns0().Option = append(q.IsEdns0().Option,
		&mdns.EDNS0_NSID{Code: mdns.EDNS0NSID}, &mdns.EDNS0_COOKIE{Code: mdns.EDNS0COOKIE, Cookie: content})
	wire, err := q.Pack()
	if err != nil {
		panic(err)
	}
	return wire
}

func TestCookieExchange(t *testing.T) {
	const client = "2464c4abcf10c957"
	secret := CookieSecret{7}
	jar := newCookieJar(&secret)
	here, elsewhere := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	now := time.Unix(1_700_000_000, 0)
	baked := jar.bake([8]byte(unhex(client)), here, uint32(now.Unix()))
	ours := hex.EncodeToString(baked[:])
	fresh := func(at time.Time) dns.Cookie {
		return dns.NewCookie([8]byte(unhex(client)), jar.bake([8]byte(unhex(client)), here, uint32(at.Unix())))
	}
	for name, tc := range map[string]struct {
		content string
		from    netip.Addr
		after   time.Duration
		reply   dns.Cookie
		proved  bool
	}{
		"client cookie only":  {client, here, 0, fresh(now), false},
		"ours":                {client + ours, here, time.Minute, fresh(now), true},
		"ours, ageing":        {client + ours, here, 31 * time.Minute, fresh(now.Add(31 * time.Minute)), true},
		"ours, too old":       {client + ours, here, 61 * time.Minute, fresh(now.Add(61 * time.Minute)), false},
		"from the future":     {client + ours, here, -6 * time.Minute, fresh(now.Add(-6 * time.Minute)), false},
		"another server's":    {client + "0102030405060708", here, 0, fresh(now), false},
		"forged":              {client + ours[:31] + "0", here, 0, fresh(now), ours[31] == '0'},
		"too short":           {client[:14], here, 0, dns.MalformedCookie, false},
		"between the lengths": {client + "010203", here, 0, dns.MalformedCookie, false},
		"too long":            {client + ours + ours + "00", here, 0, dns.MalformedCookie, false},
	} {
		g := NewWithT(t)
		reply, proved := jar.exchange(withCookie(tc.content), tc.from, now.Add(tc.after))
		g.Expect(reply).To(Equal(tc.reply), name)
		g.Expect(proved).To(Equal(tc.proved), name)
	}
	g := NewWithT(t)
	_, proved := jar.exchange(withCookie(client+ours), elsewhere, now)
	g.Expect(proved).To(BeFalse(), "a stolen cookie")
	reply, proved := newCookieJar(nil).exchange(withCookie(client+ours), here, now)
	g.Expect(reply).To(BeZero())
	g.Expect(proved).To(BeFalse(), "without a secret")
}

// A client that asks for nothing but a cookie gets one that proves its address.
func TestCookieAlone(t *testing.T) {
	g := NewWithT(t)
	secret := CookieSecret{7}
	jar := newCookieJar(&secret)
	now, here := time.Unix(1_700_000_000, 0), netip.MustParseAddr("192.0.2.1")
	bare := func(content string) []byte {
		q := withCookie(content)
		name := 12 + len("\x03app\x04gslb\x07example\x00") + 4
		q[5] = 0
		return append(q[:12:12], q[name:]...)
	}
	query := bare("2464c4abcf10c957")
	cookie, _ := jar.exchange(query, here, now)
	responder := dns.NewResponder(1)
	table, err := dns.NewTable(dns.Config{Profile: dns.DefaultProfile()})
	g.Expect(err).NotTo(HaveOccurred())
	responder.Publish(table)
	wire, _ := responder.RespondWire(query, nil, dns.Client{Addr: here, Cookie: cookie})
	var reply mdns.Msg
	g.Expect(reply.Unpack(wire)).To(Succeed())
	g.Expect(reply.Rcode).To(Equal(mdns.RcodeSuccess))
	g.Expect(reply.IsEdns0().Option).To(HaveLen(1))
	given := reply.IsEdns0().Option[0].(*mdns.EDNS0_COOKIE).Cookie
	_, proved := jar.exchange(bare(given), here, now)
	g.Expect(proved).To(BeTrue())
	for cut := range query {
		findCookie(query[:cut]) // must not panic
	}
}

// FuzzFindCookie: no panic, and what is found is what the library finds.
func FuzzFindCookie(f *testing.F) {
	f.Add(withCookie("2464c4abcf10c957"))
	f.Add(withCookie("2464c4abcf10c957")[:40])
	f.Fuzz(func(t *testing.T, wire []byte) {
		option, found := findCookie(wire)
		var q mdns.Msg
		if !found || q.Unpack(wire) != nil || q.IsEdns0() == nil {
			return
		}
		for _, o := range q.IsEdns0().Option {
			if cookie, ok := o.(*mdns.EDNS0_COOKIE); ok {
				if cookie.Cookie != hex.EncodeToString(option) {
					t.Fatalf("found %x, want %s", option, cookie.Cookie)
				}
				return
			}
		}
		t.Fatalf("found %x where there is none", option)
	})
}

// FuzzSlip: a reply above the limit is never longer than its query.
func FuzzSlip(f *testing.F) {
	f.Add(withCookie("2464c4abcf10c957"))
	f.Fuzz(func(t *testing.T, wire []byte) {
		reply := slip(wire, make([]byte, 512))
		if len(reply) > len(wire) {
			t.Fatalf("%d bytes for a query of %d", len(reply), len(wire))
		}
		var m mdns.Msg
		if reply != nil && (m.Unpack(reply) != nil || !m.Truncated || !m.Response) {
			t.Fatalf("reply %x", reply)
		}
	})
}

func TestLimiter(t *testing.T) {
	g := NewWithT(t)
	l := newLimiter(RateLimit{PerSecond: 3, Slip: 2}, nil)
	now := time.Unix(1_700_000_000, 0)
	play := func(addr string, at time.Time, n int) (treatments []treatment) {
		for range n {
			treatments = append(treatments, l.admit(netip.MustParseAddr(addr), at))
		}
		return treatments
	}
	g.Expect(play("192.0.2.1", now, 7)).To(Equal([]treatment{serveIt, serveIt, serveIt, dropIt, slipIt, dropIt, slipIt}))
	g.Expect(play("192.0.2.200", now, 1)).To(Equal([]treatment{dropIt}), "the same network")
	g.Expect(play("192.0.3.1", now, 1)).To(Equal([]treatment{serveIt}), "another network")
	g.Expect(play("2001:db8:0:0::1", now, 3)).To(Equal([]treatment{serveIt, serveIt, serveIt}))
	g.Expect(play("2001:db8:0:ff::1", now, 1)).To(Equal([]treatment{slipIt}), "the same network")
	g.Expect(play("192.0.2.1", now.Add(time.Second), 3)).To(Equal([]treatment{serveIt, serveIt, serveIt}), "the next second")
}
