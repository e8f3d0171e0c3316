package world

import (
	"slices"

	"github.com/gslbsim/gslbsim/sim/fault"
	"github.com/gslbsim/gslbsim/sim/result"
	"github.com/gslbsim/gslbsim/sim/scenario"
)

// holds counts how many faults hold a thing down at a time, so that those that overlap do not end one another.
type holds map[string]int

// change counts one fault more, or one less. It reports whether that was the first one, or the last.
func (h holds) change(thing string, down bool) (changed bool) {
	if down {
		h[thing]++
		return h[thing] == 1
	}
	h[thing]--
	return h[thing] == 0
}

// take returns those of a site's parts that had power so far.
func (h holds) take(site string, parts []fault.Part) []fault.Part {
	return h.changed(site, parts, true)
}

// giveBack returns those of a site's parts that no other fault holds.
func (h holds) giveBack(site string, parts []fault.Part) []fault.Part {
	return h.changed(site, parts, false)
}

func (h holds) changed(site string, parts []fault.Part, down bool) []fault.Part {
	var out []fault.Part
	for i, part := range parts {
		if !slices.Contains(parts[:i], part) && h.change(site+" "+string(part), down) {
			out = append(out, part)
		}
	}
	return out
}

// noteSilence keeps that the controller or the engines of a site have no power.
func (w *world) noteSilence(s *scenario.Site, parts []fault.Part) {
	if s.Controller == nil {
		return
	}
	for _, part := range parts {
		if part != fault.Clusters {
			w.silences = append(w.silences, result.Silence{Site: s.Name, Engines: part == fault.Engines, From: w.rec.Now(), To: w.scenario.Duration})
		}
	}
}

// noteReturn keeps that they have power again.
func (w *world) noteReturn(s *scenario.Site, parts []fault.Part) {
	for i := range w.silences {
		q := &w.silences[i]
		part := fault.Controller
		if q.Engines {
			part = fault.Engines
		}
		if q.Site == s.Name && q.To == w.scenario.Duration && slices.Contains(parts, part) {
			q.To = w.rec.Now()
		}
	}
}
