package scenario

import (
	"fmt"
	"slices"
	"time"

	"github.com/gslbsim/gslbsim/sim/check"
	"github.com/gslbsim/gslbsim/sim/strict"
)

// MaxDuration bounds the virtual span of a run.
const MaxDuration = 31 * 24 * time.Hour

// check reports what does not fit together. The topology has been read.
func (s *Scenario) check() {
	f := s.file
	if s.Kind != "Scenario" {
		f.Fail("kind", `must be "Scenario", not %q`, s.Kind)
	}
	if s.Name == "" {
		f.Fail("name", "is missing")
	}
	if s.Settle < time.Second || s.Settle > MaxDuration {
		f.Fail("settle", "must be from 1s to %s, not %s", MaxDuration, s.Settle)
	}
	s.checkAliases()
	s.checkTraffic()
	if s.Duration <= 0 || s.Duration > MaxDuration {
		f.Fail("duration", "must be more than 0s and at most %s, not %s", MaxDuration, s.Duration)
		return // it is what the rest is measured by
	}
	if s.Watch != 0 && (s.Watch < 10*time.Millisecond || s.Watch > s.Duration) {
		f.Fail("watch", "must be 0s (never) or from 10ms to %s, not %s", s.Duration, s.Watch)
	}
	s.checkEffort()
	if s.checkTimeline() {
		s.checkPromises()
	}
}

// checkEffort reports runs in which more is asked than can be kept.
func (s *Scenario) checkEffort() {
	most, field := s.watched(), "watch"
	total := most
	for i, t := range s.Traffic {
		if t.Every > 0 {
			n := float64(t.Clients) * float64(s.Duration) / float64(t.Every)
			if total += n; n > most {
				most, field = n, fmt.Sprintf("traffic[%d].every", i)
			}
		}
	}
	if total > MaxQuestions {
		s.file.Fail(field, "%.0f questions would be asked in %s, most of them here; at most %d are: ask less often, or for a shorter time", total, s.Duration, MaxQuestions)
	}
}

// watched is how many questions watch asks.
func (s *Scenario) watched() float64 {
	if s.Watch <= 0 {
		return 0
	}
	return float64(s.Duration) / float64(s.Watch) * float64(len(s.World.GSLBSites())*len(s.Intents()))
}

func (s *Scenario) checkTraffic() {
	f := s.file
	if len(s.Traffic) == 0 {
		f.Fail("traffic", "there is none; without clients nothing can be judged")
	}
	names, total := map[string]bool{}, 0
	for i, t := range s.Traffic {
		field := fmt.Sprintf("traffic[%d]", i)
		unique(f, field+".name", t.Name, names)
		if checkDomain(f, field+".host", t.Host) {
			s.checkServed(field+".host", t.Host)
		}
		if total += t.Clients; t.Clients < 1 || total > MaxClients {
			f.Fail(field+".clients", "must be at least 1, and all together at most %d", MaxClients)
		}
		for j, group := range t.Resolvers {
			if known := s.World.resolverGroups(); !slices.Contains(known, group) {
				f.Fail(fmt.Sprintf("%s.resolvers[%d]", field, j), "no such group of resolvers: %q; known are %v", group, known)
			}
		}
		if t.Network.IsValid() && t.Network != t.Network.Masked() {
			f.Fail(field+".network", "%s is an address within %s; give the network", t.Network, t.Network.Masked())
		}
		if t.Every < 10*time.Millisecond {
			f.Fail(field+".every", "must be at least 10ms, not %s", t.Every)
		}
		if t.Timeout < 100*time.Millisecond || t.Timeout > time.Minute {
			f.Fail(field+".timeout", "must be from 100ms to 1m, not %s", t.Timeout)
		}
	}
}

// checkTimeline also reports whether every entry lies within the run, so that there are the phases that promises name.
func (s *Scenario) checkTimeline() (within bool) {
	f := s.file
	within = true
	var hosts map[string][]string
	if !s.incomplete {
		hosts = s.hostsBySite()
	}
	names := map[string]bool{}
	phases := map[string]bool{s.Start: true}
	for i, e := range s.Timeline {
		field := fmt.Sprintf("timeline[%d]", i)
		unique(f, field+".name", e.Name, names)
		if e.At <= 0 || e.At >= s.Duration {
			f.Fail(field+".at", "must be after 0s and before the end (%s), not %s", s.Duration, e.At)
			within = false
		}
		if e.Until != 0 && (e.Until <= e.At || e.Until >= s.Duration) {
			f.Fail(field+".until", "must be after %s and before the end (%s), not %s", e.At, s.Duration, e.Until)
			within = false
		}
		if e.Until == 0 && e.Then != "" {
			f.Fail(field+".then", "names the phase after an end (until) that this entry does not have")
		}
		for _, p := range []struct{ field, name string }{{".name", e.Name}, {".then", e.Then}} {
			if p.name != "" && phases[p.name] {
				f.Fail(field+p.field, "there is a phase named %q already", p.name)
			}
			phases[p.name] = true
		}
		if e.Action != nil {
			e.Action.Check(f, strict.Join(field, e.Kind), places{s.World, hosts})
		}
	}
	return within
}

func (s *Scenario) checkPromises() {
	if len(s.Promises) == 0 {
		s.file.Fail("promises", "there are none; a run without promises proves nothing")
	}
	known := check.Scenario{}
	for _, p := range s.Phases() {
		known.Phases = append(known.Phases, p.Name)
	}
	for _, e := range s.Timeline {
		known.Faults = append(known.Faults, e.Name)
		if e.Until > 0 {
			known.Ending = append(known.Ending, e.Name)
		}
	}
	for _, in := range s.Intents() {
		known.Hosts = append(append(known.Hosts, in.Host), s.AliasesOf(in.Host)...)
	}
	for _, t := range s.Traffic {
		known.Groups = append(known.Groups, t.Name)
	}
	for _, site := range s.World.GSLBSites() {
		known.Sites = append(known.Sites, site.Name)
	}
	for i, p := range s.Promises {
		if p.Promise != nil {
			p.Promise.Check(s.file, strict.Join(fmt.Sprintf("promises[%d]", i), p.Kind), known)
		}
	}
}
