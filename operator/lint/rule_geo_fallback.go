package lint

var geoFallback = &Rule{
	ID: "geo-fallback", Severity: Error,
	Doc: "The geographic algorithm has no geoFallback, which decides for clients whose place is not known, or another algorithm " +
		"has one.",
	check: func(s *search) {
		s.eachAlgorithm(func(settings node) {
			fallback := settings.get("geoFallback")
			switch algorithm := settings.get("lbAlgorithm").text(); {
			case algorithm == algorithmGeo && fallback.isEmpty():
				s.report(fallback, "is missing: clients whose place is not known need an algorithm too",
					"add geoFallback: {lbAlgorithm: GSLB_ALGORITHM_ROUND_ROBIN}")
			case algorithm != algorithmGeo && algorithm != "" && !fallback.isEmpty():
				s.report(fallback, "is not for "+algorithm, "remove geoFallback, or use "+algorithmGeo)
			}
		})
	},
}
