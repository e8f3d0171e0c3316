package refusal

import "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"

// downResponse adds what is wrong with a down response; prefix goes before each
// message.
func (l *list) downResponse(field, prefix string, r *v1alpha1.DownResponse) {
	if r == nil {
		return
	}
	field += ".fallbackIP"
	switch {
	case r.Type != v1alpha1.DownResponseFallbackIP:
		if r.FallbackIP != "" {
			l.add(field, "%sFallback IP is not allowed for %s", prefix, r.Type)
		}
	case r.FallbackIP == "":
		l.add(field, "%sFallback IP is required for %s", prefix, r.Type)
	case !isIP(r.FallbackIP):
		l.add(field, "%sFallback IP %s is not valid", prefix, r.FallbackIP)
	}
}
