package preview

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Count returns how many changes have an action.
func (p *Plan) Count(a Action) int {
	n := 0
	for _, c := range p.Changes {
		if c.Action == a {
			n++
		}
	}
	return n
}

// WriteJSON writes the plan as one JSON object.
func (p *Plan) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(p)
}

// signs go before changes.
var signs = map[Action]string{Create: "+", Update: "~", Replace: "±", Delete: "-"}

// WriteText writes the plan for people: a line for each object, below it what changes, and at the end how many objects there
// are of each sort. What is the same for all objects that come or go is left out; WriteJSON has it.
func (p *Plan) WriteText(w io.Writer) error {
	var b strings.Builder
	for _, c := range p.Changes {
		fmt.Fprintf(&b, "%s %s %s/%s\n", signs[c.Action], c.Type, c.Tenant, c.Name)
		for _, line := range c.lines() {
			b.WriteString("    " + line + "\n")
		}
	}
	if len(p.Changes) > 0 {
		b.WriteByte('\n')
	}
	for _, n := range p.Notes {
		b.WriteString("note: " + n + "\n")
	}
	for _, problem := range p.Problems {
		fmt.Fprintf(&b, "problem: %s: %s\n", problem.Object, problem.Reason)
	}
	if len(p.Notes)+len(p.Problems) > 0 {
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%d to create, %d to update, %d to replace, %d to delete, %d unchanged\n",
		p.Count(Create), p.Count(Update), p.Count(Replace), p.Count(Delete), p.Unchanged)
	_, err := io.WriteString(w, b.String())
	return err
}
