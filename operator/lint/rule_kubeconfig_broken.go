package lint

import "fmt"

var kubeconfigBroken = &Rule{
	ID: "kubeconfig-broken", Severity: Error,
	Doc:   "A context of a kubeconfig names a cluster or a user that the file does not have.",
	check: checkKubeconfigBroken,
}

func checkKubeconfigBroken(s *search) {
	for _, k := range s.kubeconfigs {
		for _, entry := range k.root.get("contexts").items() {
			for part, list := range map[string]string{"cluster": "clusters", "user": "users"} {
				at := entry.get("context", part)
				if name := at.text(); name != "" && !k.named(list)[name].given && !templateMark.MatchString(name) {
					s.report(k.at(at), fmt.Sprintf("context %s names the %s %s, which the kubeconfig does not have", entry.get("name").text(), part, name),
						fmt.Sprintf("add it under %s, or correct the name", list))
				}
			}
		}
	}
}
