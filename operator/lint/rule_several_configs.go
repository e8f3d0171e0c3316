package lint

var severalConfigs = &Rule{
	ID: "several-configs", Severity: Error,
	Doc: "A folder has several GSLBConfigs or AMKOClusters of different names; a cluster can have one of each.",
	check: func(s *search) {
		s.onlyOne("GSLBConfig", "keep one")
		s.onlyOne("AMKOCluster", "keep one: with several the operator does not know whether it leads")
	},
}
