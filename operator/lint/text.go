package lint

import (
	"fmt"
	"io"
	"strings"
)

// WriteText writes findings for people, two lines each, and a summary.
func (r Report) WriteText(w io.Writer) error {
	var b strings.Builder
	for _, f := range r.Findings {
		b.WriteString(f.String() + "\n")
	}
	if r.More > 0 {
		fmt.Fprintf(&b, "and %d more: correct these first\n", r.More)
	}
	if len(r.Findings) > 0 {
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%s, %s in %s of %s\n", count(r.Count(Error), "error"), count(r.Count(Warning), "warning"),
		count(r.Documents, "document"), count(r.Files, "file"))
	_, err := io.WriteString(w, b.String())
	return err
}

func count(n int, thing string) string {
	switch n {
	case 0:
		return "no " + thing + "s"
	case 1:
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
