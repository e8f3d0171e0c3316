package lint

// hostUse is a host in the rules of an Ingress.
type hostUse struct {
	rule node // spec.rules[i]
	host node
}

// name is the host's name, empty if there is none.
func (h hostUse) name() string { return h.host.text() }

// paths are the paths of the rule.
func (h hostUse) paths() []string {
	var paths []string
	for _, p := range h.rule.get("http", "paths").items() {
		paths = append(paths, p.get("path").text())
	}
	return paths
}

func hostsOf(spec node) []hostUse {
	var hosts []hostUse
	for _, rule := range spec.get("rules").items() {
		hosts = append(hosts, hostUse{rule: rule, host: rule.get("host")})
	}
	return hosts
}
