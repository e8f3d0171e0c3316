package lint

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

var otherRegion = &Rule{
	ID: "other-region", Severity: Error,
	Doc: "The values of one region name the cluster of another one as their own: the number in the file's name is that of another " +
		"cluster of the federation.",
	check: checkOtherRegion,
}

// regionName finds the part of a file's or folder's name that says which region it is for.
var regionName = regexp.MustCompile(`(?i)(region|site|dc|datacenter|zone|az|reg|cluster|vks|r)[-_ ]?[0-9]+([-_]?(az|zone|dc)[-_ ]?[0-9]+)?`)

var digits = regexp.MustCompile(`[0-9]+`)

func checkOtherRegion(s *search) {
	for _, f := range s.federations {
		region := regionOf(f.doc)
		if len(region) == 0 || f.current.text() == "" || isPartOf(region, numbers(f.current.text())) {
			continue
		}
		for _, m := range f.members.items() {
			if isPartOf(region, numbers(m.text())) {
				s.report(f.current, fmt.Sprintf("%s is another region's cluster: by its name the file is for %s", f.current.text(), m.text()), "write "+m.text())
				break
			}
		}
	}
}

// regionOf are the numbers in the name of a file's region, or else of its folder's.
func regionOf(d *document) []string {
	base := strings.TrimSuffix(path.Base(d.File), path.Ext(d.File))
	for _, name := range []string{base, path.Base(d.folder)} {
		if region := numbers(regionName.FindString(name)); len(region) > 0 {
			return region
		}
	}
	return nil
}

// numbers are the numbers in a name, without zeros in front.
func numbers(name string) []string {
	found := digits.FindAllString(name, -1)
	for i, n := range found {
		if found[i] = strings.TrimLeft(n, "0"); found[i] == "" {
			found[i] = "0"
		}
	}
	return found
}

// isPartOf is whether numbers follow one another in others.
func isPartOf(part, whole []string) bool {
	for i := 0; i+len(part) <= len(whole); i++ {
		if slices.Equal(part, whole[i:i+len(part)]) {
			return true
		}
	}
	return false
}
