package lint

var hashMask = &Rule{
	ID: "hash-mask", Severity: Error,
	Doc:   "Consistent hashing has no hashMask, or another algorithm has one.",
	check: func(s *search) { s.eachAlgorithm(s.hashMask) },
}

// The algorithms.
const (
	algorithmRoundRobin     = "GSLB_ALGORITHM_ROUND_ROBIN"
	algorithmConsistentHash = "GSLB_ALGORITHM_CONSISTENT_HASH"
	algorithmGeo            = "GSLB_ALGORITHM_GEO"
	algorithmTopology       = "GSLB_ALGORITHM_TOPOLOGY"
)

// eachAlgorithm calls visit with the algorithm settings of every policy and host rule that has any.
func (s *search) eachAlgorithm(visit func(settings node)) {
	for _, p := range s.policies {
		if at := p.spec.get("poolAlgorithmSettings"); !at.isEmpty() {
			visit(at)
		}
	}
	for _, spec := range s.hostRules {
		if at := spec.get("poolAlgorithmSettings"); !at.isEmpty() {
			visit(at)
		}
	}
}

func (s *search) hashMask(settings node) {
	for _, n := range []node{settings, settings.get("geoFallback")} {
		algorithm, mask := n.get("lbAlgorithm").text(), n.get("hashMask")
		switch {
		case algorithm == algorithmConsistentHash && mask.isNull():
			s.report(mask, "is missing: consistent hashing needs to know how much of the client's address counts", "add hashMask, 1 to 31, such as 24")
		case (algorithm == algorithmRoundRobin || algorithm == algorithmTopology) && !mask.isNull():
			s.report(mask, "is not for "+algorithm, "remove hashMask, or use "+algorithmConsistentHash)
		}
	}
}
