package lint

import "fmt"

var versionMismatch = &Rule{
	ID: "version-mismatch", Severity: Warning,
	Doc:   "Two AMKOClusters of one federation have different versions; AMKO's leader passes the other cluster over.",
	check: checkVersionMismatch,
}

func checkVersionMismatch(s *search) {
	for i, f := range s.federations {
		for _, other := range s.federations[:i] {
			if f.version.text() != "" && other.version.text() != "" && f.version.text() != other.version.text() && sameFederation(f, other) {
				s.report(f.version, fmt.Sprintf("%s here, %s in cluster %s", f.version.text(), other.version.text(), other.current.text()), "bring both to one version")
				break
			}
		}
	}
}
