package probe

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// Check makes one health check with sockets and returns what it found, at the latest when ctx ends. Certificates are not
// verified, redirects are not followed. A UDP check passes if nothing refuses the datagram within a second, unless it asks
// for text; where an answer can only say that the server is in maintenance, it has as long to do so.
func Check(ctx context.Context, c health.Check) health.Outcome {
	switch c.Kind {
	case health.KindHTTP, health.KindHTTPS:
		return checkHTTP(ctx, c)
	case health.KindUDP:
		return checkUDP(ctx, c)
	case health.KindDNS:
		return checkDNS(ctx, c)
	case health.KindPing:
		return checkPing(ctx, c)
	default:
		return checkTCP(ctx, c)
	}
}

func at(c health.Check) string { return netip.AddrPortFrom(c.Target, c.Port).String() }

// failed names what stopped a check in words that do not depend on ports and timing.
func failed(err error) health.Outcome {
	var timeout net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		return health.Outcome{Silent: true}
	case errors.Is(err, syscall.ECONNREFUSED):
		return health.Outcome{Reason: "connection refused"}
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF):
		return health.Outcome{Reason: "connection closed"}
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return health.Outcome{Reason: "target cannot be reached"}
	}
	return health.Outcome{Reason: err.Error()}
}

func dial(ctx context.Context, network string, c health.Check) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, at(c))
	if err != nil {
		return nil, err
	}
	if end, ok := ctx.Deadline(); ok {
		err = conn.SetDeadline(end)
	}
	return conn, err
}

func checkTCP(ctx context.Context, c health.Check) health.Outcome {
	conn, err := dial(ctx, "tcp", c)
	if err != nil {
		return failed(err)
	}
	defer conn.Close()
	if c.Send != "" {
		if _, err := io.WriteString(conn, c.Send); err != nil {
			return failed(err)
		}
	}
	switch {
	case c.Keyword != "":
		return judgeText(conn, c)
	case c.MaintenanceKeyword != "":
		if err := quieten(ctx, conn); err != nil {
			return failed(err)
		}
		if o := judgeText(conn, c); !o.Silent {
			return o
		}
	}
	return health.Outcome{OK: true}
}

// judgeText reads until the answer is decided, or nothing comes any more.
func judgeText(r io.Reader, c health.Check) health.Outcome {
	var text []byte
	buf := make([]byte, health.KeywordWindow)
	for len(text) < health.KeywordWindow {
		n, err := r.Read(buf)
		text = append(text, buf[:n]...)
		o := c.JudgeText(string(text))
		if errors.Is(err, io.EOF) || o.OK && c.MaintenanceKeyword == "" {
			return o
		}
		if err != nil {
			return failed(err)
		}
	}
	return c.JudgeText(string(text))
}

func checkHTTP(ctx context.Context, c health.Check) health.Outcome {
	conn, err := dial(ctx, "tcp", c)
	if err != nil {
		return failed(err)
	}
	defer conn.Close()
	host := c.Host
	if host == "" {
		host = c.Target.String()
	}
	if c.Kind == health.KindHTTPS {
		conn = tls.Client(conn, &tls.Config{ServerName: host, InsecureSkipVerify: true})
	}
	req, err := httpRequest(ctx, c, host)
	if err != nil {
		return health.Outcome{Reason: err.Error()}
	}
	if err := req.Write(conn); err != nil {
		return failed(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil {
		if o := failed(err); o.Silent || o.Reason != err.Error() {
			return o
		}
		return health.Outcome{Reason: "the response is not HTTP"}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, health.KeywordWindow))
	if err != nil {
		return failed(err)
	}
	return c.JudgeHTTP(resp.StatusCode, head(resp)+string(body))
}

// head is the text of a response before its body, which is searched for keywords, too.
func head(resp *http.Response) string {
	var b strings.Builder
	b.WriteString(resp.Proto + " " + resp.Status + "\r\n")
	_ = resp.Header.Write(&b)
	b.WriteString("\r\n")
	return b.String()
}

func httpRequest(ctx context.Context, c health.Check, host string) (*http.Request, error) {
	method, path := c.Method, c.Path
	if method == "" {
		method = http.MethodGet
	}
	if path == "" {
		path = "/"
	}
	var body io.Reader
	if c.Send != "" {
		body = strings.NewReader(c.Send)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+at(c)+path, body)
	if err != nil {
		return nil, err
	}
	req.Host = host
	req.Close = true
	req.Header.Set("User-Agent", "avi/1.0")
	for line := range strings.Lines(c.Header) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		req.Header.Set(name, value)
	}
	if c.Authorization != "" {
		req.Header.Set("Authorization", c.Authorization)
	}
	return req, nil
}

// quiet is how long a check waits for what need not come.
const quiet = time.Second

// quieten ends reads after a while, or with the check.
func quieten(ctx context.Context, conn net.Conn) error {
	end := time.Now().Add(quiet)
	if limit, ok := ctx.Deadline(); ok && limit.Before(end) {
		end = limit
	}
	return conn.SetDeadline(end)
}

func checkUDP(ctx context.Context, c health.Check) health.Outcome {
	conn, err := dial(ctx, "udp", c)
	if err != nil {
		return failed(err)
	}
	defer conn.Close()
	if c.Keyword == "" {
		if err := quieten(ctx, conn); err != nil {
			return failed(err)
		}
	}
	send := c.Send
	if send == "" {
		send = "\x00"
	}
	if _, err := io.WriteString(conn, send); err != nil {
		return failed(err)
	}
	buf := make([]byte, health.KeywordWindow)
	n, err := conn.Read(buf)
	switch {
	case err == nil:
		return c.JudgeText(string(buf[:n]))
	case errors.Is(err, os.ErrDeadlineExceeded) && c.Keyword == "":
		return health.Outcome{OK: true}
	}
	return failed(err)
}

func checkDNS(ctx context.Context, c health.Check) health.Outcome {
	reply, _, err := new(mdns.Client).ExchangeContext(ctx, c.Query(), at(c))
	if err != nil {
		return failed(err)
	}
	return c.JudgeDNS(reply)
}
