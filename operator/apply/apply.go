// Package apply carries a plan out: it makes the calls that bring a controller to what is wanted for one FQDN, and notes
// in the view what the controller holds after each of them. Refusals that come from knowing too little are answered by
// reading the object again; all others end the run, and what was reached so far stays noted.
package apply

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/gslbsim/gslbsim/operator/avi"
	"github.com/gslbsim/gslbsim/operator/model"
	"github.com/gslbsim/gslbsim/operator/plan"
)

// Controller is what takes the calls; *avi.Client is one.
type Controller interface {
	Create(ctx context.Context, kind, tenant string, body json.RawMessage) ([]byte, error)
	Update(ctx context.Context, kind, tenant, uuid string, body json.RawMessage) ([]byte, error)
	Delete(ctx context.Context, kind, tenant, uuid string) error
	// ByName returns nil if there is no such object.
	ByName(ctx context.Context, kind, tenant, name string) (json.RawMessage, error)
}

var _ Controller = (*avi.Client)(nil)

// Limits of a run: calls in all, and times that an object is read again because the controller says that it is not as it
// was thought to be.
const (
	callLimit   = 100
	rereadLimit = 3
)

// UnstableError says that the controller does not keep what is written to an object: right after an update it differs in
// the same fields again.
type UnstableError struct{ Call plan.Call }

func (e *UnstableError) Error() string {
	return fmt.Sprintf("%s %s: the controller does not keep what is written to %s",
		e.Call.Type, e.Call.Key, strings.Join(e.Call.Fields, ", "))
}

// Run makes the calls until nothing is left to do. done, if not nil, is called after each call that succeeded. The error is
// an *avi.Error, a *plan.ForeignError or an *UnstableError. The view is the caller's again when Run returns; it then says
// what the controller holds, as far as that is known.
func Run(ctx context.Context, c Controller, v *plan.View, wanted []model.Wanted, done func(plan.Call)) error {
	r := run{ctx: ctx, controller: c, view: v, done: done, written: map[string]string{}}
	for range callLimit {
		call, err := plan.Next(v, wanted)
		if err == nil && call == nil {
			return nil
		}
		if err == nil {
			err = r.call(call)
		}
		if err != nil {
			if isLasting(err) {
				r.tidy(wanted)
			}
			return err
		}
	}
	return fmt.Errorf("%s: not done after %d calls", v.FQDN, callLimit)
}

// Release takes domain names that other services wait for off the services of one FQDN; see plan.Release.
func Release(ctx context.Context, c Controller, v *plan.View, wanted []model.Wanted, names []string, done func(plan.Call)) error {
	r := run{ctx: ctx, controller: c, view: v, done: done, written: map[string]string{}}
	call, err := plan.Release(v, wanted, names)
	if err != nil || call == nil {
		return err
	}
	return r.call(call)
}

// isLasting says whether the same run may fail in the same way for long: not because of the controller, but because of what is
// wanted of it or of what it holds.
func isLasting(err error) bool {
	switch avi.KindOf(err) {
	case avi.Refused, avi.NameTaken, avi.Duplicate, avi.NotFound:
		return true
	}
	var foreign *plan.ForeignError
	return errors.As(err, &foreign)
}

// tidy deletes the monitors that are not needed any more, which otherwise comes last: a service that cannot be written must not
// gather the monitors of all that it was to be. What does not go is left for the next run.
func (r *run) tidy(wanted []model.Wanted) {
	for range callLimit {
		call := plan.Leftover(r.view, wanted)
		if call == nil || r.call(call) != nil {
			return
		}
	}
}

type run struct {
	ctx        context.Context // a run is one call of Run
	controller Controller
	view       *plan.View
	done       func(plan.Call)
	// written are the fields of the last update of an object in this run.
	written map[string]string
	rereads int
}

func (r *run) call(call *plan.Call) error {
	object := call.Type + "/" + call.Key.String()
	if fields := strings.Join(call.Fields, ","); call.Verb == plan.Update {
		if r.written[object] == fields {
			return &UnstableError{*call}
		}
		r.written[object] = fields
	}
	reply, err := r.send(call)
	if err != nil {
		delete(r.written, object)
		return r.refused(call, err)
	}
	if r.done != nil {
		r.done(*call)
	}
	if call.Verb != plan.Update {
		// What exists has changed: the same fields may have to be written once more.
		clear(r.written)
	}
	if err := r.view.Done(call, reply); err != nil {
		// It took effect, but what it made is not known.
		return r.reread(call, err)
	}
	return nil
}

func (r *run) send(call *plan.Call) ([]byte, error) {
	switch call.Verb {
	case plan.Create:
		return r.controller.Create(r.ctx, call.Type, call.Key.Tenant, call.Body)
	case plan.Update:
		return r.controller.Update(r.ctx, call.Type, call.Key.Tenant, call.UUID, call.Body)
	}
	return nil, r.controller.Delete(r.ctx, call.Type, call.Key.Tenant, call.UUID)
}

// refused decides what to do about a call that failed: nil means that the view was corrected and the run goes on.
func (r *run) refused(call *plan.Call, err error) error {
	switch kind := avi.KindOf(err); {
	case kind == avi.NotFound && call.Verb == plan.Create && call.Type == plan.TypeService:
		return r.forgetMonitors(call, err)
	case kind == avi.NotFound && call.Verb != plan.Create,
		kind == avi.Stale, kind == avi.Garbled,
		kind == avi.Duplicate && call.Verb == plan.Create:
		return r.reread(call, err)
	}
	return err
}

// reread reads the object of a call again. err is what made it necessary, and is returned if that does not help.
func (r *run) reread(call *plan.Call, err error) error {
	if r.rereads++; r.rereads > rereadLimit {
		return err
	}
	body, readErr := r.controller.ByName(r.ctx, call.Type, call.Key.Tenant, call.Key.Name)
	if readErr != nil {
		return readErr
	}
	if body == nil {
		if avi.KindOf(err) == avi.Duplicate {
			return err // it exists where it cannot be seen
		}
		if call.Verb == plan.Update && call.Type == plan.TypeService {
			// The service may be gone, or a monitor that it refers to.
			if err := r.readMonitors(call); err != nil {
				return err
			}
		}
		r.view.Gone(call)
		return nil
	}
	if call.Verb == plan.Update && avi.KindOf(err) == avi.NotFound {
		if err := r.readMonitors(call); err != nil {
			return err
		}
	}
	return r.view.Found(call, body)
}

// forgetMonitors looks which of the monitors that a service refers to have gone. If all of the operator's own are there,
// something of a user's is missing, and the refusal stands.
func (r *run) forgetMonitors(call *plan.Call, err error) error {
	if r.rereads++; r.rereads > rereadLimit {
		return err
	}
	before := len(r.view.Monitors)
	if readErr := r.readMonitors(call); readErr != nil {
		return readErr
	}
	if len(r.view.Monitors) == before {
		return err
	}
	return nil
}

// readMonitors reads again the operator's monitors that a service's body refers to.
func (r *run) readMonitors(call *plan.Call) error {
	for _, name := range call.Monitors {
		key := model.Key{Tenant: call.Key.Tenant, Name: name}
		if _, ours := r.view.Monitors[key]; !ours {
			continue
		}
		probe := &plan.Call{Type: plan.TypeMonitor, Key: key}
		body, err := r.controller.ByName(r.ctx, plan.TypeMonitor, key.Tenant, name)
		if err != nil {
			return err
		}
		if body == nil {
			r.view.Gone(probe)
			continue
		}
		if err := r.view.Found(probe, body); err != nil {
			return err
		}
	}
	return nil
}
