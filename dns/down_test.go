package dns_test

import (
	"testing"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
)

func TestDownResponses(t *testing.T) {
	pools := []dns.Pool{
		pool("a", 20, down("10.0.0.1"), down("10.0.0.2")),
		pool("b", 10, down("10.0.0.2"), down("2001:db8::3")),
		pool("zero", 0, up("10.0.0.4")),
	}
	aliases := []dns.Pool{pool("a", 20, dns.Member{FQDN: "x.example", Enabled: true}, dns.Member{FQDN: "y.example", Enabled: true})}
	fallback := dns.DownResponse{Type: dns.DownFallbackIP, FallbackIP: ip("192.0.2.1"), FallbackIP6: ip("2001:db8::f")}
	v4Fallback := dns.DownResponse{Type: dns.DownFallbackIP, FallbackIP: ip("192.0.2.1")}
	tests := []struct {
		name  string
		pools []dns.Pool
		down  dns.DownResponse
		qtype uint16
		reply string
		want  []string
	}{
		{"none", pools, dns.DownResponse{}, mdns.TypeA, "no reply", nil},
		{"none, AAAA", pools, dns.DownResponse{}, mdns.TypeAAAA, "no reply", nil},
		{"none, unsupported type", pools, dns.DownResponse{}, mdns.TypeMX, "NOERROR 0 aa soa", nil},
		{"all records", pools, dns.DownResponse{Type: dns.DownAllRecords}, mdns.TypeA, "NOERROR 3 aa",
			[]string{"A 10.0.0.1", "A 10.0.0.2", "A 10.0.0.4"}},
		{"all records, AAAA", pools, dns.DownResponse{Type: dns.DownAllRecords}, mdns.TypeAAAA, "NOERROR 1 aa", []string{"AAAA 2001:db8::3"}},
		{"all records, names", aliases, dns.DownResponse{Type: dns.DownAllRecords}, mdns.TypeA, "NOERROR 1 aa", []string{"CNAME x.example."}},
		{"fallback", pools, fallback, mdns.TypeA, "NOERROR 1 aa", []string{"A 192.0.2.1"}},
		{"fallback, AAAA", pools, fallback, mdns.TypeAAAA, "NOERROR 1 aa", []string{"AAAA 2001:db8::f"}},
		{"fallback, ANY", pools, fallback, mdns.TypeANY, "NOERROR 2 aa", []string{"A 192.0.2.1", "AAAA 2001:db8::f"}},
		{"fallback, AAAA missing", pools, v4Fallback, mdns.TypeAAAA, "NOERROR 0 aa", nil},
		{"fallback, CNAME", pools, fallback, mdns.TypeCNAME, "NOERROR 0 aa soa", nil},
		{"empty", pools, dns.DownResponse{Type: dns.DownEmpty}, mdns.TypeA, "NOERROR 0 aa soa", nil},
		{"CNAME", pools, dns.DownResponse{Type: dns.DownCNAME, FallbackCNAME: "sorry.example"}, mdns.TypeA, "NOERROR 1 aa",
			[]string{"CNAME sorry.example."}},
		{"CNAME, AAAA", pools, dns.DownResponse{Type: dns.DownCNAME, FallbackCNAME: "sorry.example"}, mdns.TypeAAAA, "NOERROR 1 aa",
			[]string{"CNAME sorry.example."}},
	}
	for _, test := range tests {
		for _, disabled := range []bool{false, true} {
			g := NewWithT(t)
			s := app(test.pools...)
			s.Down = test.down
			if disabled {
				// A disabled service is answered as if it were down.
				s.Enabled = false
				s.Pools = append([]dns.Pool{}, s.Pools...)
			}
			reply, d := ask(serveApp(t, s), test.qtype)
			g.Expect(describe(reply)).To(Equal(test.reply), test.name)
			if reply != nil {
				g.Expect(texts(reply.Answer)).To(HaveLen(len(test.want)), test.name)
				for i, want := range test.want {
					g.Expect(texts(reply.Answer)[i]).To(Equal(want), test.name)
					g.Expect(reply.Answer[i].Header().Ttl).To(BeEquivalentTo(30))
				}
			}
			if test.qtype != mdns.TypeMX {
				g.Expect(d.DownUsed).To(BeTrue(), test.name)
				g.Expect(d.Down).To(Equal(test.down.Type), test.name)
			}
		}
	}
}

func TestDownIsPerClientClass(t *testing.T) {
	private := pool("private", 10, up("10.0.0.1"))
	private.Kind = dns.PrivatePool
	public := pool("public", 10, down("203.0.113.1"))
	public.Kind = dns.PublicPool
	s := app(private, public)
	s.Down = dns.DownResponse{Type: dns.DownFallbackIP, FallbackIP: ip("10.9.9.9"), PublicFallbackIP: ip("203.0.113.9")}
	profile := systemProfile()
	profile.Clients = &dns.ClientGroup{Kind: dns.ListsPrivate, Prefixes: prefixes("10.0.0.0/8")}
	r := serve(t, dns.Config{Profile: profile, Services: []dns.Service{s}})
	g := NewWithT(t)
	g.Expect(answers(r, dns.Client{Addr: ip("10.1.1.1")})).To(Equal([]string{"A 10.0.0.1"}))
	g.Expect(answers(r, stranger)).To(Equal([]string{"A 203.0.113.9"}))
	s.Pools[0].Members[0].Up = false
	r = serve(t, dns.Config{Profile: profile, Services: []dns.Service{s}})
	g.Expect(answers(r, dns.Client{Addr: ip("10.1.1.1")})).To(Equal([]string{"A 10.9.9.9"}))
}
