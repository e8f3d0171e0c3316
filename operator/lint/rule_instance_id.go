package lint

import (
	"fmt"
	"regexp"
)

var instanceID = &Rule{
	ID: "instance-id", Severity: Error,
	Doc:   "The identity of an operator is no UUID; the chart refuses it, and services marked with another one are not found again.",
	check: checkInstanceID,
}

var uuidText = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

func checkInstanceID(s *search) {
	for _, c := range s.configs {
		at := c.spec.get("amkoUUID")
		if c.doc.form == formManifest {
			at = c.doc.root().get("metadata", "annotations", "amko.vmware.com/amko-uuid")
		}
		if !at.isEmpty() && !uuidText.MatchString(at.text()) && !templateMark.MatchString(at.text()) {
			s.report(at, fmt.Sprintf("%s is no UUID", at.show()), "write the UUID that created_by of the GSLB services ends with, or leave it out for a new one")
		}
	}
}
