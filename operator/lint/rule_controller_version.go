package lint

import (
	"fmt"
	"regexp"
)

var controllerVersion = &Rule{
	ID: "controller-version", Severity: Error,
	Doc:   "The controller's version is no version, or a bare number, of which YAML drops zeros at the end: 20.10 becomes 20.1.",
	check: checkControllerVersion,
}

var versionText = regexp.MustCompile(`^[0-9]+(\.[0-9]+){1,3}(-.+)?$`)

func checkControllerVersion(s *search) {
	for _, c := range s.configs {
		version := c.version
		if version.isEmpty() || templateMark.MatchString(version.text()) {
			continue
		}
		if _, ok := version.number(); ok {
			s.report(version, fmt.Sprintf("is read as the number %s", version.show()), `write all parts, in quotes: "31.1.1"`)
		} else if !versionText.MatchString(version.text()) {
			s.report(version, fmt.Sprintf("%s is no version", version.show()), `write it as "31.1.1"`)
		}
	}
}
