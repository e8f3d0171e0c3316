package fakeavi

import (
	"net/http"

	"github.com/gslbsim/gslbsim/fakeavi/api"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// permissionIPAM guards the profiles of IPAM and DNS providers.
const permissionIPAM = "PERMISSION_IPAMDNSPROVIDERPROFILE"

// domainList answers which domains the DNS provider of a cloud serves, as AKO asks at its start: {"domains": [...]}, empty for a cloud
// without a DNS provider.
func (c *Controller) domainList(w http.ResponseWriter, r *http.Request) {
	domains, err := c.domainsOf(r)
	if err != nil {
		api.WriteError(w, err)
		return
	}
	api.WriteJSON(w, http.StatusOK, map[string]any{"domains": domains})
}

func (c *Controller) domainsOf(r *http.Request) ([]string, error) {
	if caller := api.CallerOf(r.Context()); caller == nil || !caller.MayRead(permissionIPAM) {
		return nil, store.Refuse(http.StatusForbidden, "no read access (%s)", permissionIPAM)
	}
	uuid := r.URL.Query().Get("cloud_uuid")
	if uuid == "" {
		return nil, refuse("query parameter cloud_uuid: is required")
	}
	cloud, ok := c.store.Get("cloud", uuid)
	if !ok {
		return nil, store.NotFound("Cloud")
	}
	domains := []string{}
	profile, _ := target(cloud.Body(), "dns_provider_ref")
	o, ok := c.store.Get("ipamdnsproviderprofile", profile.UUID)
	if !ok {
		return domains, nil
	}
	internal, _ := o.Body()["internal_profile"].(map[string]any)
	for _, e := range list(internal, "dns_service_domain") {
		domain, _ := e.(map[string]any)
		if name, _ := domain["domain_name"].(string); name != "" {
			domains = append(domains, name)
		}
	}
	return domains, nil
}
