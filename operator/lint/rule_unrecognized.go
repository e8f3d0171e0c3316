package lint

import (
	"slices"

	"github.com/gslbsim/gslbsim/operator/manifest"
)

var unrecognized = &Rule{
	ID: "unrecognized", Severity: Error,
	Doc:   "A file that was named is neither a manifest, nor values of AMKO's chart, nor a kubeconfig. In folders such files are passed over.",
	check: checkUnrecognized,
}

func checkUnrecognized(s *search) {
	for _, file := range s.sources {
		read := !slices.ContainsFunc(file.faults, func(f fault) bool { return f.Class != manifest.NoObject })
		known := slices.ContainsFunc(file.documents, func(d *document) bool { return d.form != formOther })
		if file.Named && read && !known {
			s.add(Finding{
				File: file.Name, Line: 1, Column: 1,
				Problem: "is neither a manifest nor values of AMKO's chart",
				Remedy:  "manifests have apiVersion and kind; AMKO's values have configs, federation or globalDeploymentPolicy",
			})
		}
	}
}
