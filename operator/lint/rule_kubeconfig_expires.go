package lint

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

var kubeconfigExpires = &Rule{
	ID: "kubeconfig-expires", Severity: Warning,
	Doc: "A user of the member clusters' kubeconfig has a token with an end, or gets one from a program that the operator's image does " +
		"not have; the operator loses the cluster some day.",
	check: checkKubeconfigExpires,
}

func checkKubeconfigExpires(s *search) {
	for _, k := range s.kubeconfigs {
		if !k.isMembers() {
			continue
		}
		for _, entry := range k.root.get("users").items() {
			name, user := entry.get("name").text(), entry.get("user")
			const remedy = "use the token of a service account's Secret, which has no end"
			switch end, ends := tokenEnd(user.get("token").text()); {
			case ends:
				s.report(k.at(user.get("token")), fmt.Sprintf("the token of %s ends at %s", name, end.UTC().Format(time.DateTime)+" UTC"), remedy)
			case !user.get("exec").isEmpty():
				s.report(k.at(user.get("exec")), fmt.Sprintf("%s gets its credentials from a program", name), remedy)
			case !user.get("auth-provider").isEmpty():
				s.report(k.at(user.get("auth-provider")), fmt.Sprintf("%s gets its credentials from a provider", name), remedy)
			}
		}
	}
}

// isMembers is whether a kubeconfig is the members': it is in their Secret, or in a file of their key's name.
func (k kubeconfig) isMembers() bool {
	return k.holder.doc != nil || strings.Contains(k.root.doc.File, membersKey)
}

// tokenEnd is when a token ends, if it is a JSON web token (RFC 7519) that says so.
func tokenEnd(token string) (time.Time, bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return time.Time{}, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct {
		End float64 `json:"exp"`
	}
	if err != nil || json.Unmarshal(raw, &claims) != nil || claims.End <= 0 || claims.End > 1e11 {
		return time.Time{}, false
	}
	return time.Unix(int64(claims.End), 0), true
}
