package lint

var nothingNamed = &Rule{
	ID: "nothing-named", Severity: Error,
	Doc: "An entry of a list, or a field that has to name something (a cluster, a site, a health monitor, a host, the Secret with the " +
		"credentials), is empty.",
	check: checkNothingNamed,
}

func checkNothingNamed(s *search) {
	for _, p := range s.policies {
		s.wantNames(p.matchClusters, "cluster", aContext)
		s.wantNames(p.traffic, "cluster", aContext)
	}
	for _, o := range s.configs {
		s.wantNames(o.members, "clusterContext", aContext)
		if leader := o.spec.get("gslbLeader"); o.doc.form == formManifest && leader.get("credentials").isEmpty() {
			s.report(leader.get("credentials"), "names no Secret, so that the operator cannot log in to the controller",
				"name the Secret with username and password: credentials: gslb-avi-secret")
		}
	}
	for _, f := range s.federations {
		s.wantTexts(f.members, aContext)
	}
	for _, spec := range s.specs() {
		s.wantTexts(spec.get("healthMonitorRefs"), "name the health monitor, or leave the entry out")
	}
	for _, rule := range s.hostRules {
		s.wantNames(rule.get("trafficSplit"), "cluster", aContext)
		s.wantNames(rule.get("publicIP"), "cluster", aContext)
		s.wantNames(rule.get("thirdPartyMembers"), "site", "name the third-party site of the controller's GSLB configuration")
	}
	for _, host := range s.mappings {
		if fqdn := host.get("fqdn"); fqdn.given && fqdn.isEmpty() {
			s.report(fqdn, "names no host", "write the host of the Ingress or Route")
		}
		s.wantTexts(host.get("aliases"), "write the alias, or leave the entry out")
	}
}

const aContext = "write the cluster's context, or leave the entry out"

// wantNames reports entries of a list of objects that lack their name.
func (s *search) wantNames(list node, key, remedy string) {
	for _, item := range list.items() {
		_, object := item.value.(map[string]any)
		if name := item.get(key); item.isNull() || object && name.isEmpty() {
			s.report(name, "names nothing", remedy)
		}
	}
}

// wantTexts reports entries of a list of names that are empty.
func (s *search) wantTexts(list node, remedy string) {
	for _, item := range list.items() {
		if item.value == nil || item.value == "" {
			s.report(item, "names nothing", remedy)
		}
	}
}
