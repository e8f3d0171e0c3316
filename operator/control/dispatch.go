package control

import (
	"context"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/gslbsim/gslbsim/operator/apply"
	"github.com/gslbsim/gslbsim/operator/avi"
	"github.com/gslbsim/gslbsim/operator/model"
	"github.com/gslbsim/gslbsim/operator/plan"
	"github.com/gslbsim/gslbsim/operator/policy"
)

// result is what came of work on an FQDN.
type result struct {
	epoch int
	fqdn  string
	// view is what the controller holds afterwards; lender that of another FQDN, whose service had to let go of names.
	view, lender *plan.View
	// sweep says that the work was on no FQDN, but on monitors that are left over.
	sweep bool
	err   error
}

// enqueueAll queues every FQDN that has a candidate, a rule of its own members, or something on the controller. anew says
// that those which wait for another attempt need not wait: something else may be wanted of them.
func (o *operator) enqueueAll(anew bool) {
	all := map[string]struct{}{}
	for _, fqdns := range [][]string{o.index.FQDNs(), o.inventory.FQDNs(), o.book.FQDNs()} {
		for _, fqdn := range fqdns {
			all[fqdn] = struct{}{}
		}
	}
	// What has changed is worked on at once, the rest when it is due.
	for _, fqdn := range append(o.index.Touched(), o.book.Touched()...) {
		o.queue.Add(fqdn)
	}
	for fqdn := range all {
		if anew {
			o.queue.Add(fqdn)
		} else {
			o.queue.Recheck(fqdn)
		}
	}
}

// dispatch starts work on as many FQDNs as may be worked on.
func (o *operator) dispatch(now time.Time) {
	wanted, clusters := o.policy(), o.clusters()
	for {
		fqdn, ok := o.queue.Take(now)
		if !ok {
			break
		}
		o.begin(fqdn, wanted, clusters, now)
	}
	if o.queue.Running() == 0 {
		if blocked := o.queue.Blocked(); len(blocked) > 0 {
			o.breakCircle(blocked[0], wanted, clusters, now)
		}
	}
}

// begin starts work on an FQDN that was taken, if there is any.
func (o *operator) begin(fqdn string, p *policy.Policy, c policy.Clusters, now time.Time) {
	wanted := p.Desired(fqdn, c)
	view := o.inventory.View(fqdn, wanted)
	call, err := plan.Next(view, wanted)
	switch {
	case err != nil && plan.Leftover(view, wanted) == nil:
		o.problem(fqdn, err)
		o.queue.Failed(fqdn, reactionTo(err).retry, now)
	case err == nil && call == nil:
		o.problem(fqdn, nil)
		o.queue.Idle(fqdn)
	case o.lent[fqdn] || len(o.lenders(fqdn, wanted, view, p, c)) > 0:
		o.queue.Block(fqdn)
	default:
		o.start(fqdn, func(ctx context.Context, controller apply.Controller, called func(plan.Call)) result {
			return result{view: view, err: apply.Run(ctx, controller, view, wanted, called)}
		})
	}
}

func (o *operator) start(fqdn string, work func(context.Context, apply.Controller, func(plan.Call)) result) {
	ctx, epoch, controller := o.ctx, o.epoch, measured{o.session, o.meters}
	called := func(call plan.Call) {
		o.log.V(1).Info("written", "call", call.String())
		if o.Observe.Called != nil {
			o.Observe.Called(call)
		}
	}
	o.calls.Go(func() {
		r := work(ctx, controller, called)
		r.epoch, r.fqdn = epoch, fqdn
		o.mail.postResult(r)
	})
}

// lenders are the FQDNs of other services that hold names which the service wants, and will let go of them: it has to wait,
// because the controller gives a name to one service at a time.
func (o *operator) lenders(fqdn string, wanted []model.Wanted, view *plan.View, p *policy.Policy, c policy.Clusters) []string {
	var found []string
	for _, name := range claims(wanted, view) {
		for _, holder := range o.inventory.Holders(name, fqdn) {
			keeps := slices.ContainsFunc(p.Desired(holder, c), func(w model.Wanted) bool {
				return slices.Contains(w.Service.DomainNames, name)
			})
			if !keeps {
				found = append(found, holder)
			}
		}
	}
	return found
}

// claims are the names that services are to answer and do not yet.
func claims(wanted []model.Wanted, view *plan.View) []string {
	var names []string
	for _, w := range wanted {
		has := view.Services[w.Service.Key.Tenant].DomainNames
		for _, name := range w.Service.DomainNames {
			if !slices.Contains(has, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// breakCircle starts work on an FQDN that waits for another one which is not being worked on: because that one waits too,
// or because something else about it fails. The names it waits for are taken off the other first.
func (o *operator) breakCircle(fqdn string, p *policy.Policy, c policy.Clusters, now time.Time) {
	wanted := p.Desired(fqdn, c)
	view := o.inventory.View(fqdn, wanted)
	names := claims(wanted, view)
	lenders := o.lenders(fqdn, wanted, view, p, c)
	o.queue.Unblock(fqdn)
	if len(lenders) == 0 {
		return
	}
	taken, ok := o.queue.Take(now)
	if !ok {
		return
	}
	if taken != fqdn {
		// Only blocked ones were left, and only this one is not any more.
		o.begin(taken, p, c, now)
		return
	}
	lender := o.inventory.View(lenders[0], p.Desired(lenders[0], c))
	lenderWants := p.Desired(lenders[0], c)
	o.lent[lenders[0]] = true
	o.start(fqdn, func(ctx context.Context, controller apply.Controller, called func(plan.Call)) result {
		r := result{view: view, lender: lender}
		if r.err = apply.Release(ctx, controller, lender, lenderWants, names, called); r.err == nil {
			r.err = apply.Run(ctx, controller, view, wanted, called)
		}
		return r
	})
}

// finished takes over the result of work.
func (o *operator) finished(r result, now time.Time) {
	if r.epoch != o.epoch {
		return
	}
	if r.sweep {
		o.swept(r)
		return
	}
	o.inventory.Merge(r.view)
	if r.lender != nil {
		o.inventory.Merge(r.lender)
		delete(o.lent, r.lender.FQDN)
	}
	o.problem(r.fqdn, r.err)
	if r.err == nil {
		o.queue.Succeeded(r.fqdn)
		return
	}
	reaction := reactionTo(r.err)
	o.log.Info("write failed", "fqdn", r.fqdn, "error", r.err.Error())
	o.queue.Failed(r.fqdn, reaction.retry, now)
	if reaction.whole {
		if !o.queue.Paused(now) && o.settings.config != nil {
			o.tell(o.settings.config, corev1.EventTypeWarning, reasonOf(r.err), "nothing is written for now: "+r.err.Error())
		}
		pauses := o.queue.Pause(reaction.retry, retryAfter(r.err), now)
		again := pauses >= lookAroundAfter && pauses%lookAroundAfter == 0 && avi.KindOf(r.err) != avi.Credentials
		if !o.lookAround && (reaction.lookAround || again) {
			o.lookAround, o.unpublished = true, true
		}
	}
}

// problem notes why an FQDN could not be brought to what is wanted; nil: it could.
func (o *operator) problem(fqdn string, err error) {
	old, had := o.problems[fqdn]
	switch {
	case err == nil && had:
		delete(o.problems, fqdn)
		o.unpublished = true
	case err != nil && (!had || old.Error() != err.Error()):
		o.problems[fqdn] = err
		o.unpublished = true
		if !reactionTo(err).whole {
			o.tellProblem(fqdn, err)
		}
	}
}

// clusters is what is known of the member clusters.
func (o *operator) clusters() policy.KnownClusters {
	return policy.NewKnownClusters(o.index, o.book, o.inventory, o.silent())
}

// problemTexts are the problems, by FQDN.
func (o *operator) problemTexts() map[string]string {
	texts := map[string]string{}
	for fqdn, err := range o.problems {
		texts[fqdn] = err.Error()
	}
	return texts
}

func (o *operator) problemFQDNs() []string { return slices.Sorted(maps.Keys(o.problems)) }
