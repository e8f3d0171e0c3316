package lint

var ttlRange = &Rule{
	ID: "ttl-range", Severity: Error,
	Doc: "A TTL is not a whole number of seconds from 0 to 86400.",
	check: func(s *search) {
		s.eachTTL(func(at node) { s.inRange(at, 0, ttlMax, "use seconds, 1 to 86400; a unit is not written") })
	},
}

// ttlMax is the longest TTL, a day, in seconds.
const ttlMax = 86400

// eachTTL calls visit with every TTL.
func (s *search) eachTTL(visit func(node)) {
	for _, p := range s.policies {
		visit(p.spec.get("ttl"))
	}
	for _, spec := range s.hostRules {
		visit(spec.get("ttl"))
	}
}
