package result

import (
	"fmt"
	"strings"

	"github.com/gslbsim/gslbsim/dns"
)

// Why is the whole decision behind what one DNS virtual service answers at an instant.
type Why struct {
	At     Millis `json:"at_ms"`
	Site   string `json:"site"`
	Server string `json:"server"` // address of the DNS virtual service
	// Alias is the name that was asked for, where an alias of the parent zone leads from it to the name explained.
	Alias string `json:"alias,omitempty"`
	// Silent says why nobody answers at the address; then there is no Decision.
	Silent   string           `json:"silent,omitempty"`
	Decision *dns.Explanation `json:"decision,omitempty"`
}

// String tells it in English.
func (w Why) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "at %v, DNS virtual service %s of %s\n", w.At, w.Server, w.Site)
	if w.Alias != "" {
		fmt.Fprintf(&b, "alias: %s, in the parent zone\n", w.Alias)
	}
	if w.Decision == nil {
		fmt.Fprintf(&b, "outcome: silence, %s\n", w.Silent)
		return b.String()
	}
	b.WriteString(w.Decision.String())
	return b.String()
}
