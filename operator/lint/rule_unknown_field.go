package lint

import "github.com/gslbsim/gslbsim/operator/manifest"

var unknownField = &Rule{
	ID: "unknown-field", Severity: Error,
	Doc:     "A field is not one of its kind; an API server drops it without a word.",
	general: true,
	check:   func(s *search) { s.reportFaults(manifest.UnknownField) },
}
