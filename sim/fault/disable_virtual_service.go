package fault

import (
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/sim/strict"
)

// DisableVirtualService disables, at the controller of one site, the virtual service that serves a host name.
type DisableVirtualService struct {
	At      string `yaml:"site"`
	Serving string `yaml:"host"`
}

// Check implements Action.
func (a *DisableVirtualService) Check(f *strict.File, field string, p Places) {
	checkSite(f, field+".site", a.At, p.Sites(Controller))
	known := p.Hosts(a.At)
	switch {
	case a.Serving == "":
		f.Fail(field+".host", "is missing: the host name that the virtual service serves")
	case known != nil && len(known) == 0:
		f.Fail(field+".host", "no Ingress of %s has a host: there is no virtual service to disable", a.At)
	case known != nil && !slices.Contains(known, a.Serving):
		f.Fail(field+".host", "no virtual service of %s serves %q; known are %s", a.At, a.Serving, strings.Join(known, ", "))
	}
}

// Begin implements Action.
func (a *DisableVirtualService) Begin(w World) { w.EnableVirtualService(a.At, a.Serving, false) }

// End implements Action.
func (a *DisableVirtualService) End(w World) { w.EnableVirtualService(a.At, a.Serving, true) }

// Target implements Action.
func (a *DisableVirtualService) Target() string { return a.At + ": " + a.Serving }

// Site implements Action.
func (a *DisableVirtualService) Site() string { return a.At }

// Host implements Action.
func (a *DisableVirtualService) Host() string { return a.Serving }
