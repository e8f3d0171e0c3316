package fault_test

import (
	"fmt"
	"slices"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/sim/fault"
)

// diary notes what is done to a world.
type diary []string

func (d *diary) PowerOff(site string, parts []fault.Part) { d.note("off", site, parts) }
func (d *diary) PowerOn(site string, parts []fault.Part)  { d.note("on", site, parts) }
func (d *diary) EnableVirtualService(site, host string, enabled bool) {
	d.note("enable", site, host, enabled)
}
func (d *diary) note(what ...any) { *d = append(*d, fmt.Sprintln(what...)) }

func TestWhatFaultsDoAndTakeBack(t *testing.T) {
	for name, tc := range map[string]struct {
		action       fault.Action
		does         string
		target, site string
	}{
		"whole site": {
			&fault.PowerOff{At: "r1"}, "off r1 [controller engines clusters]\n|on r1 [controller engines clusters]\n", "r1", "r1",
		},
		"controller only takes no members out": {
			&fault.PowerOff{At: "r1", Parts: []fault.Part{fault.Controller}}, "off r1 [controller]\n|on r1 [controller]\n", "r1: controller", "",
		},
		"engines take the members out": {
			&fault.PowerOff{At: "r1", Parts: []fault.Part{fault.Engines, fault.Clusters}},
			"off r1 [engines clusters]\n|on r1 [engines clusters]\n", "r1: engines, clusters", "r1",
		},
		"virtual service": {
			&fault.DisableVirtualService{At: "r1", Serving: "a.example"}, "enable r1 a.example false\n|enable r1 a.example true\n", "r1: a.example", "r1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			var d diary
			tc.action.Begin(&d)
			tc.action.End(&d)
			g.Expect(d).To(HaveLen(2))
			g.Expect(d[0] + "|" + d[1]).To(Equal(tc.does))
			g.Expect(tc.action.Target()).To(Equal(tc.target))
			g.Expect(tc.action.Site()).To(Equal(tc.site))
		})
	}
}

func TestEveryKindCanBeMade(t *testing.T) {
	g := NewWithT(t)
	g.Expect(slices.IsSorted(fault.Names())).To(BeTrue())
	g.Expect(fault.Names()).To(HaveLen(len(fault.Kinds)))
	for _, name := range fault.Names() {
		a, b := fault.Kinds[name](), fault.Kinds[name]()
		g.Expect(a).NotTo(BeNil())
		g.Expect(a).NotTo(BeIdenticalTo(b), "actions of two events must not share parameters")
	}
}
