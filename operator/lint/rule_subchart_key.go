package lint

import (
	"fmt"
	"slices"
	"strings"
)

var subchartKey = &Rule{
	ID: "subchart-key", Severity: Error,
	Doc: "Values for a dependency stand below a key that is neither name nor alias of a dependency in the Chart.yaml beside them, " +
		"below two keys, or below none though the chart is only a dependency.",
	check: checkSubchartKey,
}

func checkSubchartKey(s *search) {
	for _, d := range s.documents {
		if d.form != formValues {
			continue
		}
		names, chart := s.dependencies(d.folder)
		switch {
		case len(d.prefix) > 1:
			s.report(d.values(), "the chart's values are one level too deep", fmt.Sprintf("put them directly under %s", d.prefix[0]))
		case chart == nil || len(names) == 0:
		case len(d.prefix) == 1 && !slices.Contains(names, d.prefix[0]):
			s.report(d.values(), fmt.Sprintf("%s is no dependency of %s", d.prefix[0], chart.File), meant(d.prefix[0], names))
		case len(d.prefix) == 0 && chart.root().get("name").text() != "amko":
			s.report(d.root(), fmt.Sprintf("the chart is a dependency of %s, and gets only what stands below its key", chart.File),
				"put the values below "+strings.Join(names, " or "))
		}
	}
}

// dependencies are the names by which the Chart.yaml of a folder knows its dependencies.
func (s *search) dependencies(folder string) (names []string, chart *document) {
	for _, d := range s.documents {
		if d.form != formChart || d.folder != folder {
			continue
		}
		chart = d
		for _, dep := range d.root().get("dependencies").items() {
			if alias := dep.get("alias").text(); alias != "" {
				names = append(names, alias)
			} else if name := dep.get("name").text(); name != "" {
				names = append(names, name)
			}
		}
	}
	return names, chart
}
