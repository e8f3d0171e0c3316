package lint

var noClusters = &Rule{
	ID: "no-clusters", Severity: Error,
	Doc:   "A policy matches no cluster, and so selects nothing, or a configuration has no member clusters.",
	check: checkNoClusters,
}

func checkNoClusters(s *search) {
	for _, p := range s.policies {
		if !p.matchClusters.isEmpty() || p.doc.form == formValues && !p.matchClusters.given {
			continue // values that do not speak of it keep what the chart or other values say
		}
		at := p.spec
		if p.matchClusters.given {
			at = p.matchClusters
		}
		s.report(at, "matches no cluster, and so selects nothing", "list the clusters: matchClusters: [{cluster: CONTEXT}, ...]")
	}
	for _, o := range s.configs {
		if o.members.isEmpty() && (o.doc.form == formManifest || o.members.given) {
			at := o.members
			if !at.given {
				at = o.spec
			}
			s.report(at, "has no member clusters, so that no cluster is watched", "list them: memberClusters: [{clusterContext: CONTEXT}, ...]")
		}
	}
}
