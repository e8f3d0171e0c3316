package control

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gslbsim/gslbsim/operator/avi"
	"github.com/gslbsim/gslbsim/operator/model"
	"github.com/gslbsim/gslbsim/operator/plan"
	"github.com/gslbsim/gslbsim/operator/policy"
	"github.com/gslbsim/gslbsim/operator/schedule"
)

// inquiry is what the loop wants to know of a controller. One is under way at a time.
type inquiry struct {
	// connect looks for the leader anew; otherwise the controller that the operator speaks to is asked whether it leads.
	connect bool
	// inventory reads what the controller holds; connect does too.
	inventory bool
	// refs are objects to look for.
	refs []policy.Reference
}

// report is the answer.
type report struct {
	epoch int
	inquiry
	client   *avi.Client
	view     avi.Federation
	services []model.StoredService
	monitors []model.StoredMonitor
	pki      string
	found    map[policy.Reference]model.StoredMonitor
	// denied are references that the controller refuses to look for: in a tenant that does not exist, for one.
	denied map[policy.Reference]bool
	unread []error // objects that could not be read
	err    error
}

// inquiryRetry is the time between two inquiries of which the first failed.
var inquiryRetry = schedule.Delay{First: 2 * time.Second, Most: time.Minute}

// inquiryDelay is the time until the next inquiry after one failed. Wrong credentials are tried rarely: controllers lock
// accounts.
func inquiryDelay(err error) schedule.Delay {
	if avi.KindOf(err) == avi.Credentials {
		return reactions[avi.Credentials].retry
	}
	return inquiryRetry
}

// correspondent is all that an inquiry needs.
type correspondent struct {
	config    avi.Config
	client    *avi.Client // the one in use; nil: none
	others    []string    // addresses of other sites
	pinned    bool
	createdBy string
}

func (c correspondent) inquire(ctx context.Context, q inquiry) *report {
	r := &report{inquiry: q, client: c.client}
	if q.connect || q.inventory {
		if r.client, r.view, r.err = c.leader(ctx, q.connect); r.err != nil {
			return r
		}
		if r.err = r.readInventory(ctx, c.createdBy); r.err != nil {
			return r
		}
	}
	r.err = r.lookUp(ctx, q.refs)
	return r
}

// leader returns a client of the controller that leads.
func (c correspondent) leader(ctx context.Context, anew bool) (*avi.Client, avi.Federation, error) {
	if c.client != nil && !anew {
		if view, err := c.client.Federation(ctx); err == nil && view.Leads() {
			if c.pinned {
				return c.client, view, nil
			}
			if other, newer, ok := avi.Usurper(ctx, c.config, view, c.others); ok {
				return other, newer, nil
			}
			return c.client, view, nil
		}
	}
	if !c.pinned {
		return avi.FindLeader(ctx, c.config, append([]string{c.config.Address}, c.others...))
	}
	client, view, err := avi.Connect(ctx, c.config)
	if err == nil && !view.Leads() {
		client.Close()
		err = view.NotLeaderError()
	}
	if err != nil {
		return nil, avi.Federation{}, err
	}
	return client, view, nil
}

func (r *report) readInventory(ctx context.Context, createdBy string) (err error) {
	var unread []error
	if r.services, unread, err = r.client.Services(ctx, createdBy, plan.LegacyCreatedBy); err != nil {
		return err
	}
	r.unread = append(r.unread, unread...)
	if r.monitors, unread, err = r.client.Monitors(ctx); err != nil {
		return err
	}
	r.unread = append(r.unread, unread...)
	r.pki, err = r.client.FirstPKI(ctx)
	return err
}

// lookUp finds those of the references that exist. One that the controller refuses to look for is noted: it must not keep the
// others from being known.
func (r *report) lookUp(ctx context.Context, refs []policy.Reference) error {
	r.found, r.denied = map[policy.Reference]model.StoredMonitor{}, map[policy.Reference]bool{}
	for _, ref := range refs {
		body, err := r.client.Visible(ctx, ref.Type, ref.Tenant, ref.Name)
		if kind := avi.KindOf(err); kind == avi.Refused || kind == avi.NotFound {
			r.denied[ref] = true
			r.unread = append(r.unread, fmt.Errorf("look for %s %s in tenant %s: %w", ref.Type, ref.Name, ref.Tenant, err))
			continue
		}
		if err != nil {
			return err
		}
		if body == nil {
			continue
		}
		var m model.StoredMonitor
		if ref.Type == policy.TypeMonitor {
			if m, err = model.ParseMonitor(body, ref.Tenant); err != nil {
				return fmt.Errorf("look for %s %s: %w", ref.Type, ref.Name, err)
			}
		}
		r.found[ref] = m
	}
	return nil
}

// sitesAnnotation notes, on the GSLBConfig, the addresses of the sites that could lead. If the controller that the
// GSLBConfig names is gone when the operator starts, they are what it has to find the leader by.
const sitesAnnotation = "amko.vmware.com/gslb-site-addresses"

// siteAddresses are the addresses of the sites that could lead, sorted.
func siteAddresses(view avi.Federation) []string {
	var addresses []string
	for _, site := range view.Sites {
		if site.Active && site.Enabled {
			addresses = append(addresses, site.Addresses...)
		}
	}
	slices.Sort(addresses)
	return slices.Compact(addresses)
}

func splitAddresses(annotation string) []string {
	return strings.FieldsFunc(annotation, func(r rune) bool { return r == ',' || r == ' ' })
}

// problemState is the state of a GSLBConfig whose controller could not be asked, in AMKO's words.
func problemState(err error) string {
	switch avi.KindOf(err) {
	case avi.NotLeader:
		return stateNotLeader
	case avi.Garbled:
		return stateNoSite + err.Error()
	}
	return stateUnreachable + err.Error()
}
