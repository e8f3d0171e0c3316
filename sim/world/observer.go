package world

import (
	"net/netip"

	"github.com/gslbsim/gslbsim/fakeavi"
	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/federation"
)

// observer turns what controllers and engines tell into events.
func (w *world) observer() fakeavi.Observer {
	return fakeavi.Observer{Engine: w.engineObserver(), Federation: w.federationObserver()}
}

func (w *world) engineObserver() engine.Observer {
	return engine.Observer{
		Member: func(e engine.MemberEvent) {
			kind := "member-down"
			if e.To.Up() {
				kind = "member-up"
			} else if !e.From.Up() {
				kind = "member-state"
			}
			w.rec.Event(e.Site+"/engines", kind, "%s of %s at %s: %s to %s, %s", e.Member, e.Service, e.MemberSite, e.From.State, e.To.State, reason(e.To.Reason, string(e.To.Cause)))
		},
		Service: func(e engine.ServiceEvent) {
			w.rec.Event(e.Site+"/engines", "service", "%s: %s to %s", e.Service, e.From.State, e.To.State)
		},
		VirtualService: func(e engine.VSEvent) {
			w.rec.Event(e.Site+"/engines", "virtual-service", "%s: %s to %s", e.Name, e.From.State, e.To.State)
		},
		Table: func(e engine.TableEvent) {
			w.rec.Event(e.Site+"/dns", "table", "%d services, %d changed, %d removed", e.Services, e.Changed, e.Removed)
			for _, line := range e.Rejected {
				w.rec.Event(e.Site+"/dns", "table-rejected", "%s", line)
			}
		},
		Headless: func(e engine.HeadlessEvent) {
			if e.Headless {
				w.rec.Event(e.Site+"/engines", "headless", "the controller is gone; the data plane alone decides")
			} else {
				w.rec.Event(e.Site+"/engines", "headless-over", "the controller is back")
			}
		},
		VIP: func(addr netip.Addr) {
			w.prober.notify(addr)
			w.truth.look()
		},
	}
}

func (w *world) federationObserver() federation.Observer {
	return federation.Observer{
		Pushed: func(e federation.PushEvent) {
			w.rec.Event(e.Leader+"/controller", "push", "%d objects to %s%s", e.Objects, e.Site, whole(e.Full))
		},
		Received: func(e federation.ReceiveEvent) {
			w.rec.Event(e.Site+"/controller", "received", "%d objects%s, %d failed", e.Objects, whole(e.Full), e.Failed)
		},
		InSync: func(e federation.SyncEvent) {
			w.rec.Event(e.Leader+"/controller", "sync", "%s: %v", e.Site, e.State)
		},
		Site: func(e federation.SiteEvent) {
			kind := "site"
			switch {
			case e.To == federation.SiteUnreachable:
				kind = "site-lost"
			case e.From == federation.SiteUnreachable:
				kind = "site-back"
			}
			w.rec.Event(e.Observer+"/controller", kind, "%s: %v to %v%s", e.Site, e.From, e.To, because(e.Reason))
		},
		Leader: func(e federation.LeaderEvent) {
			w.rec.Event(e.Site+"/controller", "leader", "follows view %d, before %d", e.To.ViewID, e.From.ViewID)
		},
		Dual: func(e federation.DualEvent) {
			w.rec.Event(e.Site+"/controller", "dual-leader", "another site leads in view %d, this one in %d", e.Other.ViewID, e.Mine.ViewID)
		},
	}
}

func reason(text, cause string) string {
	if text == "" {
		return cause
	}
	return cause + ": " + text
}

func because(text string) string {
	if text == "" {
		return ""
	}
	return ", " + text
}

func whole(full bool) string {
	if full {
		return ", everything"
	}
	return ""
}
