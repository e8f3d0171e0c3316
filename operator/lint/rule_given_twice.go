package lint

import "fmt"

var givenTwice = &Rule{
	ID: "object-twice", Severity: Error,
	Doc:   "A file has the same object twice; the second one replaces the first when it is applied.",
	check: checkGivenTwice,
}

func checkGivenTwice(s *search) {
	type object struct{ file, group, kind, namespace, name string }
	first := map[object]int{}
	for _, d := range s.documents {
		if d.form != formManifest || d.Name() == "" {
			continue
		}
		id := object{d.File, d.kind.Group, d.kind.Kind, d.namespace, d.Name()}
		line, _ := d.Position("")
		if at, ok := first[id]; ok {
			s.report(d.root().get("metadata", "name"), fmt.Sprintf("%s %s is given twice in this file", d.kind.Kind, d.Name()),
				fmt.Sprintf("remove one; the other starts in line %d", at))
			continue
		}
		first[id] = line
	}
}
