package lint

import (
	"fmt"
	"maps"
	"slices"
)

var chartShape = &Rule{
	ID: "chart-shape", Severity: Error,
	Doc: "A section of the chart's values is no map, so that nothing of it is read, or a switch is no true or false: Helm takes any text " +
		"for true, \"false\" too.",
	check: checkChartShape,
}

// chartSections are sections of which chartKeys does not list the keys, chartSwitches what templates ask with "if".
var (
	chartSections = []string{"serviceAccount", "rbac", "resources", "image", "service"}
	chartSwitches = [][]string{{"multiClusterIngress", "enable"}, {"rbac", "pspEnable"}, {"serviceAccount", "create"}}
)

func checkChartShape(s *search) {
	for _, d := range s.documents {
		if d.form != formValues {
			continue
		}
		values := d.values()
		for _, key := range slices.Sorted(maps.Keys(chartKeys)) {
			if chartKeys[key] != nil || slices.Contains(chartSections, key) {
				s.wantSection(values.get(key))
			}
		}
		for _, path := range chartSwitches {
			at := values.get(path...)
			if _, ok := at.value.(bool); !ok && !at.isNull() {
				s.report(at, fmt.Sprintf("is %s; this switch is true or false", at.show()), "write true or false, without quotes")
			}
		}
	}
}

func (s *search) wantSection(section node) {
	if _, ok := section.value.(map[string]any); !ok && !section.isNull() {
		s.report(section, fmt.Sprintf("is %s; this section takes keys with values", shape(section)), "see the values of the chart")
	}
}

func shape(n node) string {
	if _, list := n.value.([]any); list {
		return "a list"
	}
	return fmt.Sprintf("%q", n.show())
}
