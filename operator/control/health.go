package control

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/manager"
)

// Health is what an operator says of itself. Its zero value is ready for use; hand it over as Options.Health. It is safe for
// concurrent use, and nothing of it blocks.
type Health struct {
	mu    sync.Mutex
	warm  bool      // what the own cluster holds was read
	works bool      // the loop runs: there is no other replica, or this one holds the lease
	busy  time.Time // since when the loop is busy with one step; zero: it waits
	why   string    // why it cannot do its work; empty: it can
	role  string
}

// stuckAfter is how long one step of the loop may take. With ten thousand services the longest takes about a second.
const stuckAfter = 2 * time.Minute

// Live returns nil unless the operator is stuck and only a restart can help. Whatever is wrong around it is no reason.
func (h *Health) Live() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.busy.IsZero() && time.Since(h.busy) > stuckAfter {
		return fmt.Errorf("one step of work takes longer than %s", stuckAfter)
	}
	return nil
}

// Ready returns nil if the operator can do its part. That of a replica without the lease, and of a cluster that does not
// lead, is to wait; that of the leader is to write to the controller. Otherwise it returns what is missing. A member cluster
// that does not answer is not: its members are kept, and the work goes on.
func (h *Health) Ready() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case !h.warm:
		return errors.New("the operator's own cluster has not been read yet")
	case h.works && h.why != "":
		return errors.New(h.why)
	}
	return nil
}

// Role is what part the operator plays: "starting", "waiting" (another replica has the lease), "standby" (another cluster
// leads) or "leader".
func (h *Health) Role() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case !h.warm:
		return "starting"
	case !h.works:
		return "waiting"
	}
	return h.role
}

func (h *Health) isWarm() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.warm = true
}

func (h *Health) begins() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.works, h.role, h.why = true, "starting", "the operator's own objects have not been looked at yet"
}

func (h *Health) stepBegins(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.busy = now
}

func (h *Health) stepEnds(role, why string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.busy, h.role, h.why = time.Time{}, role, why
}

// serve adds the checks to a manager's health server: /healthz and /readyz.
func (h *Health) serve(mgr manager.Manager) error {
	if err := mgr.AddHealthzCheck("operator", func(*http.Request) error { return h.Live() }); err != nil {
		return err
	}
	return mgr.AddReadyzCheck("operator", func(*http.Request) error { return h.Ready() })
}

// part is what the operator does, and why it cannot do it.
func (o *operator) part() (role, why string) {
	s := o.settings
	switch {
	case !o.adopted:
		return "starting", "the operator's own objects have not been looked at yet"
	case !s.leads:
		return "standby", ""
	case o.rivalry() != "":
		why = o.rivalry()
	case s.config == nil:
		why = "there is no GSLBConfig in namespace " + o.Namespace
	case s.problem != "":
		why = s.problem
	case o.sessionErr != nil:
		why = "the controller cannot be asked: " + o.sessionErr.Error()
	case o.session == nil || o.inventory == nil:
		why = "the controller has not been read yet"
	case o.gdp == nil:
		why = "there is no GlobalDeploymentPolicy in namespace " + o.Namespace
	case o.gdpVerdict != nil:
		why = "GlobalDeploymentPolicy " + o.gdp.Name + " is refused: " + o.gdpVerdict.Error()
	case o.global == nil:
		why = "GlobalDeploymentPolicy " + o.gdp.Name + " has not been judged yet"
	case !o.membersKnown():
		why = "member clusters are being read"
	case !o.followersKnown():
		why = "followers are being asked whether they lead"
	}
	return "leader", why
}
