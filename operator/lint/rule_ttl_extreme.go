package lint

import "fmt"

var ttlExtreme = &Rule{
	ID: "ttl-extreme", Severity: Warning,
	Doc: "A TTL is 0, which makes resolvers ask for every connection and cannot be said in AMKO's values at all, or so long that " +
		"clients keep a dead member for more than an hour.",
	check: func(s *search) { s.eachTTL(s.ttlExtreme) },
}

// ttlLong is the TTL, in seconds, above which a failover takes too long for most.
const ttlLong = 3600

func (s *search) ttlExtreme(at node) {
	switch n, ok := at.number(); {
	case !ok:
	case n == 0 && at.doc.form == formValues:
		s.report(at, "0 is left out by the chart: answers get the TTL of the DNS virtual service", "use 1 or more")
	case n == 0:
		s.report(at, "0 makes resolvers ask again for every connection", "use 1 or more, such as 20")
	case n > ttlLong && n <= ttlMax:
		s.report(at, fmt.Sprintf("%s seconds is how long clients may keep a member that has died", at.show()), "use a minute or less where failover matters")
	}
}
