package lint

import (
	"fmt"
	"strings"
)

var membersSecretKey = &Rule{
	ID: "members-secret-key", Severity: Error,
	Doc:   "The Secret with the member clusters' kubeconfig has no key of the name gslb-members, as when it was made from a file of another name.",
	check: checkMembersSecretKey,
}

func checkMembersSecretKey(s *search) {
	for _, d := range s.documents {
		if !d.isKind("", "Secret") || d.Name() != membersSecret {
			continue
		}
		var keys []string
		for _, part := range []string{"data", "stringData"} {
			for key := range d.root().get(part).fields() {
				keys = append(keys, key)
			}
		}
		if strings.Contains("\n"+strings.Join(keys, "\n")+"\n", "\n"+membersKey+"\n") {
			continue
		}
		problem := "has no key " + membersKey
		if len(keys) > 0 {
			problem = fmt.Sprintf("has the key %s, not %s", strings.Join(keys, ", "), membersKey)
		}
		at := d.root().get("data")
		if !at.given {
			at = d.root().get("stringData")
		}
		s.report(at, problem, "name the file gslb-members before `kubectl create secret generic gslb-config-secret --from-file gslb-members -n avi-system`")
	}
}
