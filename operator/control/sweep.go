package control

import (
	"context"
	"time"

	"github.com/gslbsim/gslbsim/operator/apply"
	"github.com/gslbsim/gslbsim/operator/model"
	"github.com/gslbsim/gslbsim/operator/plan"
)

// sweep deletes the monitors that services share and none needs any more, when nothing is worked on and what is not as it is wanted
// waits for another attempt. One that the controller does not let go is left until the controller is read again: a service of somebody
// else's may refer to it, which is nobody's problem.
func (o *operator) sweep(now time.Time) {
	if o.unswept || o.queue.Running() > 0 || !o.queue.Resting(now) || o.inventory.Unused(nil) == nil {
		return
	}
	view := o.inventory.Unused(o.neededByProblems())
	if view == nil {
		return
	}
	o.sweeping = true
	o.start(view.FQDN, func(ctx context.Context, controller apply.Controller, called func(plan.Call)) result {
		return result{view: view, sweep: true, err: apply.Run(ctx, controller, view, nil, called)}
	})
}

// neededByProblems are the monitors that services need which could not be written: the next attempt would make them again.
func (o *operator) neededByProblems() map[model.Key]bool {
	needed := map[model.Key]bool{}
	p, c := o.policy(), o.clusters()
	for fqdn := range o.problems {
		for _, w := range p.Desired(fqdn, c) {
			for _, m := range w.Monitors {
				needed[m.Key] = true
			}
		}
	}
	return needed
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
