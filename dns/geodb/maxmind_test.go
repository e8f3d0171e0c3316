package geodb_test

import (
	"encoding/binary"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/geodb"
)

// object is a MaxMind DB map with its entries in order.
type object []entry

type entry struct {
	key   string
	value any
}

// encode writes a value of the MaxMind DB data section (format 2.0).
func encode(value any) []byte {
	control := func(kind, size int) []byte {
		var head []byte
		if kind > 7 {
			head = []byte{byte(size), byte(kind - 7)}
		} else {
			head = []byte{byte(kind<<5 | size)}
		}
		if size > 28 {
			panic("the test writer knows short values only")
		}
		return head
	}
	switch v := value.(type) {
	case string:
		return append(control(2, len(v)), v...)
	case float64:
		return binary.BigEndian.AppendUint64(control(3, 8), math.Float64bits(v))
	case uint16:
		return binary.BigEndian.AppendUint16(control(5, 2), v)
	case uint32:
		return binary.BigEndian.AppendUint32(control(6, 4), v)
	case uint64:
		return binary.BigEndian.AppendUint64(control(9, 8), v)
	case []any:
		out := control(11, len(v))
		for _, item := range v {
			out = append(out, encode(item)...)
		}
		return out
	case object:
		out := control(7, len(v))
		for _, e := range v {
			out = append(append(out, encode(e.key)...), encode(e.value)...)
		}
		return out
	default:
		panic("unknown type")
	}
}

// mmdb writes an IPv6 database with 32-bit records that maps networks to
// data; IPv4 networks are at ::/96.
func mmdb(networks map[string]object) []byte {
	const empty = -1
	type node [2]int // child node, or -2-offset into the data
	nodes := []node{{empty, empty}}
	var data []byte
	keys := make([]string, 0, len(networks))
	for key := range networks {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		prefix := netip.MustParsePrefix(key)
		bits := prefix.Bits()
		addr := prefix.Addr().As16()
		if prefix.Addr().Is4() {
			bits += 96
			addr = [16]byte{}
			v4 := prefix.Addr().As4()
			copy(addr[12:], v4[:])
		}
		at := 0
		for i := range bits {
			bit := addr[i/8] >> (7 - i%8) & 1
			if i == bits-1 {
				nodes[at][bit] = -2 - len(data)
				break
			}
			if nodes[at][bit] == empty {
				nodes = append(nodes, node{empty, empty})
				nodes[at][bit] = len(nodes) - 1
			}
			at = nodes[at][bit]
		}
		data = append(data, encode(networks[key])...)
	}
	var out []byte
	for _, n := range nodes {
		for _, child := range n {
			record := child
			if child == empty {
				record = len(nodes)
			} else if child < empty {
				record = len(nodes) + 16 + (-2 - child)
			}
			out = binary.BigEndian.AppendUint32(out, uint32(record))
		}
	}
	out = append(out, make([]byte, 16)...)
	out = append(out, data...)
	out = append(out, "\xab\xcd\xefMaxMind.com"...)
	return append(out, encode(object{
		{"binary_format_major_version", uint16(2)}, {"binary_format_minor_version", uint16(0)},
		{"build_epoch", uint64(1)}, {"database_type", "Test-City"}, {"description", object{}},
		{"ip_version", uint16(6)}, {"languages", []any{"en"}},
		{"node_count", uint32(len(nodes))}, {"record_size", uint16(32)},
	})...)
}

func city(country, state, name string, latitude, longitude float64) object {
	return object{
		{"city", object{{"names", object{{"en", name}}}}},
		{"country", object{{"iso_code", country}}},
		{"location", object{{"latitude", latitude}, {"longitude", longitude}}},
		{"subdivisions", []any{object{{"iso_code", state}}}},
	}
}

func testMMDB() []byte {
	return mmdb(map[string]object{
		"10.1.0.0/16":   city("US", "CA", "Santa Clara", 37.35, -121.95),
		"10.2.0.0/24":   {{"country", object{{"iso_code", "DE"}}}, {"location", object{{"latitude", 52.5}, {"longitude", 13.4}}}},
		"10.3.0.0/24":   {{"country", object{{"iso_code", "FR"}}}},
		"10.4.0.0/24":   {{"location", object{{"latitude", 52.5}}}},
		"10.5.0.0/24":   {{"location", "somewhere"}},
		"2001:db8::/32": city("GB", "ENG", "London", 51.5, -0.12),
	})
}

func TestMaxMind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "city.mmdb")
	NewWithT(t).Expect(os.WriteFile(path, testMMDB(), 0o600)).To(Succeed())
	db, err := geodb.OpenMaxMind(path)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	tests := []struct {
		addr    string
		want    dns.Location
		network string
		found   bool
	}{
		{"10.1.2.3", dns.Location{Latitude: 37.35, Longitude: -121.95, Name: "US/CA/Santa Clara"}, "10.1.0.0/16", true},
		{"10.2.0.1", dns.Location{Latitude: 52.5, Longitude: 13.4, Name: "DE"}, "10.2.0.0/24", true},
		{"10.3.0.1", dns.Location{}, "10.3.0.0/24", false},
		{"10.4.0.1", dns.Location{}, "10.4.0.0/24", false},
		{"10.5.0.1", dns.Location{}, "10.5.0.0/24", false},
		{"2001:db8::1", dns.Location{Latitude: 51.5, Longitude: -0.12, Name: "GB/ENG/London"}, "2001:db8::/32", true},
		{"192.0.2.1", dns.Location{}, "128.0.0.0/1", false},
		{"::ffff:10.1.2.3", dns.Location{Latitude: 37.35, Longitude: -121.95, Name: "US/CA/Santa Clara"}, "10.1.0.0/16", true},
	}
	for _, test := range tests {
		g := NewWithT(t)
		loc, network, found := db.LocateNetwork(netip.MustParseAddr(test.addr))
		g.Expect(found).To(Equal(test.found), test.addr)
		g.Expect(loc).To(Equal(test.want), test.addr)
		g.Expect(network.String()).To(Equal(test.network), test.addr)
	}
}

func TestMaxMindRefusesOtherFiles(t *testing.T) {
	g := NewWithT(t)
	_, err := geodb.NewMaxMind([]byte("not a database"))
	g.Expect(err).To(HaveOccurred())
	_, err = geodb.OpenMaxMind(filepath.Join(t.TempDir(), "none.mmdb"))
	g.Expect(err).To(HaveOccurred())
	_, err = geodb.OpenCSV(filepath.Join(t.TempDir(), "none.csv"))
	g.Expect(err).To(HaveOccurred())
}
