// Package fault holds the things that a scenario does to the world on its time line. Each kind is a value that is read
// from YAML, knows how to begin and how to be taken back, and says what it is done to.
package fault

import (
	"slices"

	"github.com/gslbsim/gslbsim/sim/strict"
)

// World is what faults act upon. Its methods are called on the event loop and must not block; what takes time there (an
// API request) goes on in the background and is part of the fault.
type World interface {
	// PowerOff and PowerOn act on parts of a site: every host that plays one of the parts.
	PowerOff(site string, parts []Part)
	PowerOn(site string, parts []Part)
	// EnableVirtualService asks the site's controller, as an administrator would, to enable or disable the virtual
	// service that serves a host name.
	EnableVirtualService(site, host string, enabled bool)
}

// Places is what a world consists of, for checking a scenario before it runs.
type Places interface {
	// Sites returns the names of all sites; with parts, of those that have all of them.
	Sites(parts ...Part) []string
	// Hosts returns the host names that virtual services of a site's clusters serve; nil if they are not known.
	Hosts(site string) []string
}

// Action is one kind of fault with its parameters.
type Action interface {
	// Check reports parameters that make no sense for these places. field is the action's path in f.
	Check(f *strict.File, field string, p Places)
	// Begin does it, End takes it back.
	Begin(w World)
	End(w World)
	// Target names what it is done to, for people: "region01", "region01: application01.gslb.aclab.uk".
	Target() string
	// Site is the site whose members it takes out; "" if it takes out none as a whole.
	Site() string
	// Host is the one host name that it concerns; "" for all.
	Host() string
}

// Part is one role that a host plays at a site.
type Part string

// The parts of a site.
const (
	Controller Part = "controller" // the Avi controller
	Engines    Part = "engines"    // its service engines, with the VIPs and the DNS virtual service
	Clusters   Part = "clusters"   // its Kubernetes clusters and the programs in them
)

// AllParts is every part of a site.
var AllParts = []Part{Controller, Engines, Clusters}

// Kinds lists the kinds of actions by the name that they have in scenario files.
var Kinds = map[string]func() Action{
	"power-off":               func() Action { return &PowerOff{} },
	"disable-virtual-service": func() Action { return &DisableVirtualService{} },
}

// Names returns the names of Kinds, sorted.
func Names() []string {
	names := make([]string, 0, len(Kinds))
	for name := range Kinds {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func checkSite(f *strict.File, field, site string, known []string) {
	if slices.Contains(known, site) {
		return
	}
	if site == "" {
		f.Fail(field, "is missing; known sites are %v", known)
		return
	}
	f.Fail(field, "no such site: %q; known sites are %v", site, known)
}
