package control

import (
	"context"
	"time"

	"github.com/gslbsim/gslbsim/operator/apply"
	"github.com/gslbsim/gslbsim/operator/plan"
)

// sweep deletes the monitors that services share and none needs any more, when everything is as it is wanted and nothing is
// worked on. One that the controller does not let go is left until the controller is read again: a service of somebody
// else's may refer to it, which is nobody's problem.
func (o *operator) sweep(now time.Time) {
	if o.unswept || len(o.problems) > 0 || o.queue.Running() > 0 || !o.queue.Resting(now) {
		return
	}
	view := o.inventory.Unused()
	if view == nil {
		return
	}
	o.sweeping = true
	o.start(view.FQDN, func(ctx context.Context, controller apply.Controller, called func(plan.Call)) result {
		return result{view: view, sweep: true, err: apply.Run(ctx, controller, view, nil, called)}
	})
}

// swept takes over what came of a sweep.
func (o *operator) swept(r result) {
	o.sweeping = false
	o.inventory.Merge(r.view)
	if r.err != nil {
		o.unswept = true
		o.log.Info("a monitor that is not needed any more cannot be deleted", "error", r.err.Error())
	}
}
