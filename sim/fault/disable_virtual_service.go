package fault

import "github.com/gslbsim/gslbsim/sim/strict"

// DisableVirtualService disables, at the controller of one site, the virtual service that serves a host name.
type DisableVirtualService struct {
	At   string `yaml:"site"`
	Host string `yaml:"host"`
}

// Check implements Action.
func (a *DisableVirtualService) Check(f *strict.File, field string, p Places) {
	checkSite(f, field+".site", a.At, p.Sites(Controller))
	if a.Host == "" {
		f.Fail(field+".host", "is missing: the host name that the virtual service serves")
	}
}

// Begin implements Action.
func (a *DisableVirtualService) Begin(w World) { w.EnableVirtualService(a.At, a.Host, false) }

// End implements Action.
func (a *DisableVirtualService) End(w World) { w.EnableVirtualService(a.At, a.Host, true) }

// Target implements Action.
func (a *DisableVirtualService) Target() string { return a.At + ": " + a.Host }

// Site implements Action.
func (a *DisableVirtualService) Site() string { return a.At }
