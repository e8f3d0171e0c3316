package control_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/control"
	"github.com/gslbsim/gslbsim/operator/internal/avitest"
)

// TestOneEditTouchesOneService edits one Ingress among many.
//
// Shows: run-small
func TestOneEditTouchesOneService(t *testing.T) {
	inWorld(t, func(w *world) {
		const many = 300
		touched := 0
		w.options.Observe.Batch = func(b control.Batch) { touched += b.Touched }
		for i := range many {
			host := fmt.Sprintf("h%03d.example.com", i)
			w.members["east"].Apply(ingress(host, host, "10.1.0.1"))
		}
		w.start()
		w.g.Expect(w.services()).To(HaveLen(many))
		w.avi().Requests()
		touched = 0
		w.members["east"].Apply(ingress("h007.example.com", "h007.example.com", "10.1.0.2"))
		w.settle()
		w.g.Expect(touched).To(Equal(1))
		w.g.Expect(kinds(requests(w.avi()))).To(Equal([]string{"PUT gslbservice"}), "reads included")
	})
}

// requests are all requests since the last call, logins left out.
func requests(c *avitest.Controller) []string {
	var out []string
	for _, r := range c.Requests() {
		if r.Path != "login" {
			out = append(out, r.String())
		}
	}
	return out
}

// TestChangesWhileTheOperatorWasAway changes a cluster in each way between an end and a start of the operator.
//
// Shows: trace-while-down
func TestChangesWhileTheOperatorWasAway(t *testing.T) {
	inWorld(t, func(w *world) {
		east := w.members["east"]
		for i, name := range []string{"changed", "gone", "stays"} {
			east.Apply(ingress(name, name+".example.com", fmt.Sprintf("10.1.0.%d", i+1)))
		}
		w.start()
		w.stop()
		w.avi().Put("gslbservice", "admin", map[string]any{"name": "other.example.com", "created_by": "amko-other", "domain_names": []any{"other.example.com"}})
		others := w.avi().Objects("gslbservice")[3:]
		w.avi().Calls()
		east.Delete(ingress("gone", "", ""))
		east.Apply(ingress("changed", "changed.example.com", "10.1.0.9"))
		east.Apply(ingress("new", "new.example.com", "10.1.0.4"))
		w.start()
		w.g.Expect(w.services()).To(Equal([]string{
			"changed.example.com 10:10.1.0.9*1", "new.example.com 10:10.1.0.4*1", "other.example.com", "stays.example.com 10:10.1.0.3*1",
		}))
		w.g.Expect(kinds(w.avi().Calls())).To(ConsistOf(
			"PUT gslbservice", "DELETE gslbservice", "DELETE healthmonitor", "POST healthmonitor", "POST gslbservice"))
		w.g.Expect(w.avi().Objects("gslbservice")).To(ContainElements(others), "what another instance made is as it was")
	})
}

// TestNotesOfAKOAreFollowed changes nothing of an Ingress but what AKO notes in its annotations: AMKO made no call then.
//
// Shows: trace-notes-change
func TestNotesOfAKOAreFollowed(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.members["west"].Apply(ingress("shop", shop, "10.2.0.1"))
		w.start()
		w.avi().Calls()
		moved := ingress("shop", shop, "10.1.0.1")
		moved.Annotations["ako.vmware.com/host-fqdn-vs-uuid-map"] = `{"` + shop + `":"virtualservice-of-another-one"}`
		w.members["east"].Apply(moved)
		w.settle()
		w.g.Expect(kinds(w.avi().Calls())).To(Equal([]string{"PUT gslbservice"}))
		w.g.Expect(w.field(shop, "groups")).To(ContainSubstring("virtualservice-of-another-one"))
		delete(moved.Annotations, "ako.vmware.com/host-fqdn-vs-uuid-map")
		w.members["east"].Apply(moved)
		w.settle()
		w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.2.0.1*1"}), "without its virtual service it is no member")
	})
}

// TestAPinnedControllerIsNotLeft starts over a follower that names its leader.
//
// Shows: avi-pinned
func TestAPinnedControllerIsNotLeft(t *testing.T) {
	inWorld(t, func(w *world) {
		other := avitest.New()
		w.controllers.Put("b", other)
		for _, c := range []*avitest.Controller{w.avi(), other} {
			c.Set(func(s *avitest.Settings) {
				s.Leader = "cluster-2"
				s.Sites = []avitest.Site{{Name: "a", Cluster: "cluster-1", Address: "a"}, {Name: "b", Cluster: "cluster-2", Address: "b"}}
			})
		}
		other.Set(func(s *avitest.Settings) { s.Self = "cluster-2" })
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.options.PinController = true
		w.start()
		w.pass(time.Hour)
		w.g.Expect(w.configStatus().State).To(Equal("error: controller not a leader"))
		w.g.Expect(other.Requests()).To(BeEmpty())
		w.g.Expect(w.avi().Calls()).To(BeEmpty())
		w.options.PinController = false
		w.restart()
		w.g.Expect(other.Names("gslbservice")).To(Equal([]string{"admin/" + shop}), "otherwise the leader is followed")
	})
}

// TestAControllerSaysHowLongToWait throttles a write.
//
// Shows: better-retries
func TestAControllerSaysHowLongToWait(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		var at []time.Time
		w.avi().OnRequest(func(r avitest.Request) *avitest.Fault {
			if r.Verb != "POST" || r.Path == "login" {
				return nil
			}
			at = append(at, time.Now())
			return &avitest.Fault{Status: 429, Header: map[string]string{"Retry-After": "90"}}
		})
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.pass(5 * time.Minute)
		w.g.Expect(len(at)).To(And(BeNumerically(">", 1), BeNumerically("<", 5)))
		for i := range at[1:] {
			w.g.Expect(at[i+1].Sub(at[i])).To(BeNumerically(">=", 90*time.Second))
		}
	})
}

// TestLogsNameWhatTheResourcesName has a write refused and a member cluster away, and reads the log of it.
//
// Shows: run-logs
func TestLogsNameWhatTheResourcesName(t *testing.T) {
	inWorld(t, func(w *world) {
		logged := w.log(10)
		w.avi().OnRequest(func(r avitest.Request) *avitest.Fault {
			if strings.Contains(r.Body, shop) && r.Path == "gslbservice" {
				return &avitest.Fault{Status: 400, Message: "not like this"}
			}
			return nil
		})
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.members["west"].SetDown(true)
		w.start()
		w.stop()
		lines := logged.take()
		has := func(parts ...string) bool {
			return slices.ContainsFunc(lines, func(line string) bool {
				return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(line, part) })
			})
		}
		log := strings.Join(lines, "\n")
		w.g.Expect(has(`"fqdn"="`+shop+`"`, "400 not like this")).To(BeTrue(), log)
		w.g.Expect(has(`"cluster"="west"`, `"error"=`)).To(BeTrue(), log)
		w.g.Expect(has(`"address"="a"`, "speaking to the leader")).To(BeTrue(), log)
		w.g.Expect(log).NotTo(ContainSubstring("secret"+`"`), "no password")
	})
}
