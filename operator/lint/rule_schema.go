package lint

var schemaFault = &Rule{
	ID: "schema", Severity: Error,
	Doc:     "A value does not fit the definition of its kind, so an API server refuses the object.",
	general: true,
	check:   func(s *search) { s.reportFaults("") },
}
