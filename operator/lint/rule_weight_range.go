package lint

import "fmt"

var weightRange = &Rule{
	ID: "weight-range", Severity: Error,
	Doc: "A weight is not a whole number from 1 to 20. Weights are proportions, not percentages.",
	check: func(s *search) {
		s.shares("weight", 1, 20, "use 1 to 20: weights are proportions, 6:3:1 is as good as 60:30:10")
	},
}

// shares checks a number of all shares.
func (s *search) shares(key string, least, most float64, remedy string) {
	var lists []node
	for _, p := range s.policies {
		lists = append(lists, p.traffic)
	}
	for _, spec := range s.hostRules {
		lists = append(lists, spec.get("trafficSplit"))
	}
	for _, list := range lists {
		for _, e := range list.items() {
			s.inRange(e.get(key), least, most, remedy)
		}
	}
}

// inRange checks a number that may be absent.
func (s *search) inRange(at node, least, most float64, remedy string) {
	if at.isNull() || templateMark.MatchString(at.text()) {
		return
	}
	n, ok := at.number()
	_, quoted := at.value.(string)
	switch {
	case quoted:
		s.report(at, fmt.Sprintf("%q is text, not a number", at.show()), remedy)
	case !ok:
		s.report(at, fmt.Sprintf("%s is no number", at.show()), remedy)
	case n != float64(int64(n)):
		s.report(at, fmt.Sprintf("%s is no whole number", at.show()), remedy)
	case n < least || n > most:
		s.report(at, fmt.Sprintf("%s is out of range", at.show()), remedy)
	}
}
