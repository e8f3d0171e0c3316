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
	if s.Duration <= 0 || s.Duration > MaxDuration {
		f.Fail("duration", "must be more than 0s and at most %s, not %s", MaxDuration, s.Duration)
	}
	if s.Settle < time.Second || s.Settle > MaxDuration {
		f.Fail("settle", "must be from 1s to %s, not %s", MaxDuration, s.Settle)
	}
	if s.Watch != 0 && (s.Watch < 10*time.Millisecond || s.Watch > s.Duration) {
		f.Fail("watch", "must be 0s (never) or from 10ms to %s, not %s", s.Duration, s.Watch)
	}
	s.checkAliases()
	s.checkTraffic()
	s.checkTimeline()
	s.checkPromises()
}

func (s *Scenario) checkAliases() {
	for i, a := range s.Aliases {
		field := fmt.Sprintf("aliases[%d]", i)
		checkDomain(s.file, field+".to", a.To)
		if checkDomain(s.file, field+".name", a.Name); !under(a.Name, s.World.Parent.Zone) {
			s.file.Fail(field+".name", "%s is not in the parent zone %s", a.Name, s.World.Parent.Zone)
		}
		if a.TTL < 0 || a.TTL%time.Second != 0 {
			s.file.Fail(field+".ttl", "must be whole seconds, not %s", a.TTL)
		}
	}
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
		checkDomain(f, field+".host", t.Host)
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

func (s *Scenario) checkTimeline() {
	f := s.file
	names := map[string]bool{}
	phases := map[string]bool{s.Start: true}
	for i, e := range s.Timeline {
		field := fmt.Sprintf("timeline[%d]", i)
		unique(f, field+".name", e.Name, names)
		if e.At <= 0 || e.At >= s.Duration {
			f.Fail(field+".at", "must be after 0s and before the end (%s), not %s", s.Duration, e.At)
		}
		if e.Until != 0 && (e.Until <= e.At || e.Until >= s.Duration) {
			f.Fail(field+".until", "must be after %s and before the end (%s), not %s", e.At, s.Duration, e.Until)
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
			e.Action.Check(f, strict.Join(field, e.Kind), places{s.World})
		}
	}
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
