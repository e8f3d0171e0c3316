package lint

import (
	"fmt"
	"slices"
	"strings"
)

var outsideSubdomains = &Rule{
	ID: "outside-subdomains", Severity: Error,
	Doc: "A global name is outside of the GSLB subdomains, so that no delegation leads clients to it. The subdomains are not part of " +
		"any manifest: name them with --subdomain.",
	check: checkOutsideSubdomains,
}

func checkOutsideSubdomains(s *search) {
	if len(s.opts.Subdomains) == 0 {
		return
	}
	for _, n := range s.globalNames() {
		name := strings.ToLower(strings.TrimSuffix(n.text(), "."))
		inside := slices.ContainsFunc(s.opts.Subdomains, func(domain string) bool {
			domain = strings.ToLower(strings.Trim(domain, "."))
			return name == domain || strings.HasSuffix(name, "."+domain)
		})
		if !inside {
			s.report(n, fmt.Sprintf("%s is outside of the GSLB subdomains", n.text()), "use a name below "+strings.Join(s.opts.Subdomains, " or "))
		}
	}
}
