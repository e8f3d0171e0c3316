package ipam_test

import (
	"fmt"
	"net/netip"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/ipam"
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func vips(ranges ...ipam.Range) ipam.Network {
	return ipam.Network{UUID: "network-1", Name: "vips", Subnets: []ipam.Subnet{
		{Prefix: netip.MustParsePrefix("10.1.0.0/24"), Ranges: ranges},
		{Prefix: netip.MustParsePrefix("2001:db8::/64")},
	}}
}

func allocator(t *testing.T, n ipam.Network) *ipam.Allocator {
	t.Helper()
	a := ipam.New()
	NewWithT(t).Expect(a.SetNetwork(n)).To(Succeed())
	return a
}

func take(t *testing.T, a *ipam.Allocator, owner string) string {
	t.Helper()
	lease, err := a.Allocate(owner, "network-1", netip.Prefix{}, ipam.V4)
	if err != nil {
		return err.Error()
	}
	return lease.Addr.String()
}

func TestLowestFreeAddressFirst(t *testing.T) {
	g := NewWithT(t)
	a := allocator(t, vips(ipam.Range{Begin: addr("10.1.0.10"), End: addr("10.1.0.11")}, ipam.Range{Begin: addr("10.1.0.5"), End: addr("10.1.0.5")}))
	g.Expect(a.Reserve("static", addr("10.1.0.10"))).To(Succeed())
	g.Expect(take(t, a, "one")).To(Equal("10.1.0.11"))
	g.Expect(take(t, a, "two")).To(Equal("10.1.0.5"))
	g.Expect(take(t, a, "three")).To(Equal("No available free IPs in network vips"))
	a.Release("static")
	a.Release("two")
	g.Expect(take(t, a, "three")).To(Equal("10.1.0.10"))
	g.Expect(take(t, a, "four")).To(Equal("10.1.0.5"))
	g.Expect(a.Held("three")).To(Equal([]netip.Addr{addr("10.1.0.10")}))
}

func TestWholeSubnetWithoutRanges(t *testing.T) {
	g := NewWithT(t)
	a := allocator(t, ipam.Network{UUID: "network-1", Name: "n", Subnets: []ipam.Subnet{{Prefix: netip.MustParsePrefix("10.9.0.4/30")}}})
	g.Expect(take(t, a, "a")).To(Equal("10.9.0.5"))
	g.Expect(take(t, a, "b")).To(Equal("10.9.0.6"))
	g.Expect(take(t, a, "c")).To(ContainSubstring("No available free IPs"))
}

func TestFamilyAndSubnetAreRespected(t *testing.T) {
	g := NewWithT(t)
	a := allocator(t, vips())
	lease, err := a.Allocate("six", "network-1", netip.Prefix{}, ipam.V6)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(lease).To(Equal(ipam.Lease{
		Addr: addr("2001:db8::1"), Subnet: netip.MustParsePrefix("2001:db8::/64"), Network: "network-1",
	}))
	_, err = a.Allocate("other", "network-1", netip.MustParsePrefix("10.2.0.0/24"), ipam.V4)
	g.Expect(err).To(MatchError(ipam.ErrNoFreeIPs))
	_, err = a.Allocate("other", "network-2", netip.Prefix{}, ipam.V4)
	g.Expect(err).To(MatchError(ipam.ErrUnknownNetwork))
}

func TestReserve(t *testing.T) {
	g := NewWithT(t)
	a := ipam.New()
	g.Expect(a.Reserve("one", addr("192.0.2.1"))).To(Succeed())
	g.Expect(a.Reserve("one", addr("192.0.2.1"))).To(Succeed())
	g.Expect(a.Held("one")).To(HaveLen(1))
	g.Expect(a.Reserve("two", addr("192.0.2.1"))).To(MatchError(ipam.ErrTaken))
	g.Expect(a.Reserve("one", addr("192.0.2.2"))).To(Succeed())
	a.Keep("one", addr("192.0.2.2"))
	g.Expect(a.Reserve("two", addr("192.0.2.1"))).To(Succeed())
	g.Expect(a.Held("one")).To(Equal([]netip.Addr{addr("192.0.2.2")}))
}

func TestNetworksThatMakeNoSense(t *testing.T) {
	for name, r := range map[string]ipam.Range{
		"reversed": {Begin: addr("10.1.0.9"), End: addr("10.1.0.1")},
		"mixed":    {Begin: addr("10.1.0.9"), End: addr("2001:db8::1")},
		"outside":  {Begin: addr("10.1.0.9"), End: addr("10.1.1.1")},
		"empty":    {},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(ipam.New().SetNetwork(vips(r))).To(MatchError(ContainSubstring("network vips, subnet 10.1.0.0/24")))
		})
	}
}

// FuzzNoAddressIsHeldTwice interprets bytes as allocations and releases of eight owners.
func FuzzNoAddressIsHeldTwice(f *testing.F) {
	f.Add([]byte{0, 1, 2, 0x80, 0, 0x81, 3})
	f.Fuzz(func(t *testing.T, steps []byte) {
		a := ipam.New()
		if err := a.SetNetwork(ipam.Network{UUID: "n", Subnets: []ipam.Subnet{{Prefix: netip.MustParsePrefix("10.0.0.0/29")}}}); err != nil {
			t.Fatal(err)
		}
		for _, s := range steps {
			owner := fmt.Sprint(s & 7)
			if s&0x80 != 0 {
				a.Release(owner)
				continue
			}
			_, err := a.Allocate(owner, "n", netip.Prefix{}, ipam.V4)
			seen := map[netip.Addr]bool{}
			for o := range 8 {
				for _, held := range a.Held(fmt.Sprint(o)) {
					if seen[held] {
						t.Fatalf("%s is held twice", held)
					}
					seen[held] = true
				}
			}
			if err != nil && len(seen) != 6 {
				t.Fatalf("refused with %d of 6 addresses in use", len(seen))
			}
		}
	})
}

func ExampleAllocator() {
	a := ipam.New()
	_ = a.SetNetwork(ipam.Network{UUID: "network-7", Name: "vips", Subnets: []ipam.Subnet{{
		Prefix: netip.MustParsePrefix("10.1.0.0/24"),
		Ranges: []ipam.Range{{Begin: addr("10.1.0.50"), End: addr("10.1.0.51")}},
	}}})
	for _, owner := range []string{"vsvip-a", "vsvip-b", "vsvip-c"} {
		lease, err := a.Allocate(owner, "network-7", netip.Prefix{}, ipam.V4)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(lease.Addr, "of", lease.Subnet)
	}
	// Output:
	// 10.1.0.50 of 10.1.0.0/24
	// 10.1.0.51 of 10.1.0.0/24
	// No available free IPs in network vips
}
