package fault

import (
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/sim/strict"
)

// PowerOff takes the power from a site, or from some parts of it: hosts fall silent and forget what they had not stored.
type PowerOff struct {
	At    string `yaml:"site"`
	Parts []Part `yaml:"parts"` // default: all
}

// Check implements Action.
func (a *PowerOff) Check(f *strict.File, field string, p Places) {
	for i, part := range a.Parts {
		if !slices.Contains(AllParts, part) {
			f.Fail(field+".parts", "item %d: no such part: %q; known are %v", i, part, AllParts)
			return
		}
	}
	known := p.Sites(a.Parts...)
	if len(a.Parts) == 0 {
		known = slices.DeleteFunc(known, func(site string) bool { return !anyPart(p, site) })
	}
	checkSite(f, field+".site", a.At, known)
}

// anyPart reports whether a site has something that can lose its power.
func anyPart(p Places, site string) bool {
	return slices.ContainsFunc(AllParts, func(part Part) bool { return slices.Contains(p.Sites(part), site) })
}

// Begin implements Action.
func (a *PowerOff) Begin(w World) { w.PowerOff(a.At, a.parts()) }

// End implements Action.
func (a *PowerOff) End(w World) { w.PowerOn(a.At, a.parts()) }

// Target implements Action.
func (a *PowerOff) Target() string {
	if len(a.Parts) == 0 {
		return a.At
	}
	parts := make([]string, len(a.Parts))
	for i, p := range a.Parts {
		parts[i] = string(p)
	}
	return a.At + ": " + strings.Join(parts, ", ")
}

// Site implements Action. Without its engines a site has no VIPs.
func (a *PowerOff) Site() string {
	if slices.Contains(a.parts(), Engines) {
		return a.At
	}
	return ""
}

// Host implements Action.
func (a *PowerOff) Host() string { return "" }

func (a *PowerOff) parts() []Part {
	if len(a.Parts) == 0 {
		return AllParts
	}
	return a.Parts
}
