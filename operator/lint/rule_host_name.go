package lint

import (
	"fmt"
	"regexp"
	"strings"
)

var badHostName = &Rule{
	ID: "host-name", Severity: Error,
	Doc: "An FQDN is no host name: it has spaces, a scheme, a port, a path, or other characters that names in the DNS do not have. The " +
		"controller refuses such a GSLB service.",
	check: checkHostName,
}

// hostNames are names as GSLB services can have them; the first label may be an asterisk.
var hostNames = regexp.MustCompile(`^(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$`)

func checkHostName(s *search) {
	for _, rule := range s.hostRules {
		s.wantHost(rule.get("fqdn"))
	}
	for _, host := range s.mappings {
		if kind := host.get("fqdnType").text(); kind == "" || kind == "Exact" {
			s.wantHost(host.get("fqdn"))
		}
		s.wantHost(host.get("gslb", "fqdn"))
		for _, alias := range host.get("aliases").items() {
			s.wantHost(alias)
		}
	}
}

func (s *search) wantHost(n node) {
	name := n.text()
	if name == "" || hostNames.MatchString(name) || templateMark.MatchString(name) {
		return
	}
	remedy := "write it as shop.example.com"
	if host := strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(name), "https://"), "http://"); host != strings.ToLower(name) {
		remedy = "write the host alone: " + strings.SplitN(host, "/", 2)[0]
	}
	s.report(n, fmt.Sprintf("%q is no host name", name), remedy)
}
