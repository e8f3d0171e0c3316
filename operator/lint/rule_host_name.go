package lint

import (
	"fmt"
	"regexp"
	"strings"
)

var badHostName = &Rule{
	ID: "host-name", Severity: Error,
	Doc: "An FQDN is no host name: it has spaces, a scheme, a port, a path, or other characters that names in the DNS do not have; or a " +
		"GSLBHostRule has capital letters in it, or a dot at the end, which the hosts of objects do not have, and so applies to nothing.",
	check: checkHostName,
}

// hostNames are names as GSLB services can have them; the first label may be an asterisk.
var hostNames = regexp.MustCompile(`^(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$`)

func checkHostName(s *search) {
	for _, rule := range s.hostRules {
		fqdn := rule.get("fqdn")
		s.wantHost(fqdn)
		if name := fqdn.text(); hostNames.MatchString(name) && name != asObjectsHave(name) {
			s.report(fqdn, fmt.Sprintf("%q is the name of no service: objects have their hosts in small letters, without a dot at the end", name),
				"write "+asObjectsHave(name))
		}
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

// asObjectsHave is a host name as an API server lets Ingresses and Routes have it.
func asObjectsHave(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

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
