package geodb_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/geodb"
)

const sample = `V.01
# two regions
10.1.0.0,10.1.255.255,51.5,-0.12,UK/England/London,Europe
10.2.0.0,10.2.0.9,40.71,-74.0,US/NY/New-York,-
2001:db8::,2001:db8::ffff,48.85,2.35,-,Europe
10.3.0.0,10.3.0.255,1.5,2.5
`

func ExampleReadCSV() {
	db, err := geodb.ReadCSV(strings.NewReader(sample))
	if err != nil {
		fmt.Println(err)
		return
	}
	loc, network, found := db.LocateNetwork(netip.MustParseAddr("10.1.2.3"))
	fmt.Println(loc.Name, loc.Tag, network, found)
	// Output: UK/England/London Europe 10.1.0.0/16 true
}

func TestCSVLookup(t *testing.T) {
	db, err := geodb.ReadCSV(strings.NewReader(sample))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	tests := []struct {
		addr, name, network string
		found               bool
	}{
		{"10.1.0.0", "UK/England/London", "10.1.0.0/16", true},
		{"10.1.255.255", "UK/England/London", "10.1.0.0/16", true},
		{"10.2.0.7", "US/NY/New-York", "10.2.0.0/29", true},
		{"10.2.0.9", "US/NY/New-York", "10.2.0.8/31", true},
		{"10.2.0.10", "", "10.2.0.10/31", false},
		{"10.3.0.1", "", "10.3.0.0/24", true},
		{"11.0.0.0", "", "11.0.0.0/8", false},
		{"9.255.255.255", "", "8.0.0.0/7", false},
		{"2001:db8::1", "", "2001:db8::/112", true},
		{"2001:db9::1", "", "2001:db9::/32", false},
		{"2001:db7::1", "", "2001:db0::/29", false},
		{"::ffff:10.1.0.1", "UK/England/London", "10.1.0.0/16", true},
	}
	for _, test := range tests {
		g := NewWithT(t)
		addr := netip.MustParseAddr(test.addr)
		loc, network, found := db.LocateNetwork(addr)
		g.Expect(found).To(Equal(test.found), test.addr)
		g.Expect(loc.Name).To(Equal(test.name), test.addr)
		g.Expect(network.String()).To(Equal(test.network), test.addr)
		simple, found := db.Locate(addr)
		g.Expect(found).To(Equal(test.found))
		g.Expect(simple).To(Equal(loc))
	}
}

func TestCSVFaults(t *testing.T) {
	tests := []struct {
		name, text string
		skipped    int
		first      string
		err        string
	}{
		{"no version", "10.0.0.0,10.0.0.1,1,2\n", 0, "", "V.01"},
		{"empty", "", 0, "", "V.01"},
		{"comments and empty lines", "V.01\n# 10.0.0.0\n\n10.0.0.0,10.0.0.1,1,2\n#\n", 0, "", ""},
		{"ends of DOS", "V.01\r\n\r\n10.0.0.0,10.0.0.1,1,2\r\n", 0, "", ""},
		{"south pole", "V.01\n10.0.0.0,10.0.0.1,-90,-180\n", 0, "", ""},
		{"north pole", "V.01\n10.0.0.0,10.0.0.1,90,180\n", 0, "", ""},
		{"bad address", "V.01\n10.0.0,10.0.0.1,1,2\n10.0.0.0,10.0.0.1,1,2\n", 1, "line 2", ""},
		{"reversed", "V.01\n10.0.0.2,10.0.0.1,1,2\n10.0.0.0,10.0.0.1,1,2\n", 1, "not a range", ""},
		{"families", "V.01\n10.0.0.2,::1,1,2\n10.0.0.0,10.0.0.1,1,2\n", 1, "not a range", ""},
		{"latitude", "V.01\n10.0.0.0,10.0.0.1,91,2\n10.0.0.0,10.0.0.1,1,2\n", 1, "degrees", ""},
		{"not a number", "V.01\n10.0.0.0,10.0.0.1,NaN,2\n10.0.0.0,10.0.0.1,1,2\n", 1, "degrees", ""},
		{"fields", "V.01\n10.0.0.0,10.0.0.1,1\n10.0.0.0,10.0.0.1,1,2\n", 1, "fields", ""},
		{"overlap", "V.01\n10.0.0.5,10.0.0.9,1,2\n10.0.0.0,10.0.0.6,3,4\n10.0.0.9,10.0.0.9,5,6\n", 2, "overlaps", ""},
		{"all faulty", "V.01\nx\ny\n", 0, "", "2 of 2"},
	}
	for _, test := range tests {
		g := NewWithT(t)
		db, err := geodb.ReadCSV(strings.NewReader(test.text))
		if test.err != "" {
			g.Expect(err).To(MatchError(ContainSubstring(test.err)), test.name)
			continue
		}
		g.Expect(err).NotTo(HaveOccurred(), test.name)
		skipped, first := db.Skipped()
		g.Expect(skipped).To(Equal(test.skipped), test.name)
		if test.skipped == 0 {
			g.Expect(first).NotTo(HaveOccurred(), test.name)
		} else {
			g.Expect(first).To(MatchError(ContainSubstring(test.first)), test.name)
		}
		g.Expect(db.Len()).To(Equal(1), test.name)
	}
}

func TestCSVOverlapKeepsTheEarlierLine(t *testing.T) {
	db, err := geodb.ReadCSV(strings.NewReader("V.01\n10.0.0.5,10.0.0.9,1,2,first\n10.0.0.0,10.0.0.6,3,4,second\n"))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	loc, _ := db.Locate(netip.MustParseAddr("10.0.0.6"))
	NewWithT(t).Expect(loc.Name).To(Equal("first"))
	_, found := db.Locate(netip.MustParseAddr("10.0.0.0"))
	NewWithT(t).Expect(found).To(BeFalse())
}

func TestLayers(t *testing.T) {
	g := NewWithT(t)
	own, err := geodb.ReadCSV(strings.NewReader("V.01\n10.1.2.0,10.1.2.255,1,1,own\n"))
	g.Expect(err).NotTo(HaveOccurred())
	world, err := geodb.ReadCSV(strings.NewReader(sample))
	g.Expect(err).NotTo(HaveOccurred())
	layers := geodb.Layers{own, world}
	loc, network, found := layers.LocateNetwork(netip.MustParseAddr("10.1.2.3"))
	g.Expect(found).To(BeTrue())
	g.Expect(loc.Name).To(Equal("own"))
	g.Expect(network.String()).To(Equal("10.1.2.0/24"))
	loc, network, found = layers.LocateNetwork(netip.MustParseAddr("10.1.3.3"))
	g.Expect(found).To(BeTrue())
	g.Expect(loc.Name).To(Equal("UK/England/London"))
	g.Expect(network.String()).To(Equal("10.1.3.0/24"), "the layer above differs beyond it")
	_, found = layers.Locate(netip.MustParseAddr("192.0.2.1"))
	g.Expect(found).To(BeFalse())
}

func FuzzReadCSV(f *testing.F) {
	f.Add(sample, []byte{10, 1, 2, 3})
	f.Add("V.01\n10.0.0.5,10.0.0.9,1,2\n10.0.0.0,10.0.0.6,3,4\n", []byte{10, 0, 0, 6})
	f.Add("V.01\n::,ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff,1,2\n0.0.0.0,255.255.255.255,1,1", []byte{1, 2, 3, 4})
	f.Fuzz(func(t *testing.T, text string, bytes []byte) {
		db, err := geodb.ReadCSV(strings.NewReader(text))
		if err != nil {
			return
		}
		addr, ok := netip.AddrFromSlice(bytes)
		if !ok {
			return
		}
		addr = addr.Unmap()
		loc, network, found := db.LocateNetwork(addr)
		if !network.Contains(addr) {
			t.Fatalf("%v does not hold %v", network, addr)
		}
		var want dns.Location
		var other bool
		want, other = db.Locate(network.Addr())
		if other != found || want != loc {
			t.Fatalf("%v and %v are both in %v and differ: %v %v, %v %v", addr, network.Addr(), network, loc, found, want, other)
		}
	})
}
