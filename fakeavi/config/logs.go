package config

import (
	"slices"
	"strings"
	"time"

	"github.com/gslbsim/gslbsim/dns/querylog"
	"github.com/gslbsim/gslbsim/fakeavi/engine"
)

// exclusions are the fields of an analytics profile that make an error an insignificant one.
var exclusions = map[string]string{
	"exclude_invalid_dns_query_as_error":     querylog.InvalidQuery,
	"exclude_unsupported_dns_query_as_error": querylog.UnsupportedQuery,
	"exclude_invalid_dns_domain_as_error":    querylog.InvalidDomain,
	"exclude_no_dns_record_as_error":         querylog.NoRecord,
	"exclude_server_dns_error_as_error":      querylog.ServiceDown,
}

// logPolicy reads what a virtual service logs. Without an analytics policy that are errors, at the product's default rates. That
// exclude_server_dns_error_as_error is about GSLB services that are down is unconfirmed.
func (r *vsReader) logPolicy() engine.LogPolicy {
	policy := r.f.message("analytics_policy")
	full := policy.message("full_client_logs")
	p := engine.LogPolicy{
		Full: full.flag("enabled", false), FullFor: time.Duration(full.number("duration", 30)) * time.Minute,
		Significant: policy.number("significant_log_throttle", 10), Filtered: policy.number("udf_log_throttle", 10),
		FullRate: full.number("throttle", 10),
	}
	profile := r.body(r.f.text("analytics_profile_ref"))
	var excluded []string
	for field, kind := range exclusions {
		if profile.flag(field, false) {
			excluded = append(excluded, kind)
		}
	}
	slices.Sort(excluded)
	p.Exclude = strings.Join(excluded, ",")
	return p
}
