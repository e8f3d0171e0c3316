package model_test

import (
	"encoding/json"
	"strings"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/model"
)

// stored is what a controller returns for a body that it accepted: with uuid, stamp and resolved references.
func stored(g Gomega, body []byte, change func(map[string]any)) []byte {
	d := map[string]any{}
	g.Expect(json.Unmarshal(body, &d)).To(Succeed())
	kind := "gslbservice"
	if d["type"] != nil {
		kind = "healthmonitor"
	}
	name := d["name"].(string)
	d["uuid"] = kind + "-0001"
	d["url"] = "https://10.0.0.1/api/" + kind + "/" + kind + "-0001#" + name
	d["_last_modified"] = "1700000000000001"
	d["tenant_ref"] = "https://10.0.0.1/api/tenant/admin#admin"
	if refs, ok := d["health_monitor_refs"].([]any); ok {
		for i, ref := range refs {
			refs[i] = resolved("healthmonitor", ref.(string))
		}
	}
	for field, kind := range map[string]string{
		"application_persistence_profile_ref": "applicationpersistenceprofile", "pki_profile_ref": "pkiprofile",
	} {
		if ref, ok := d[field].(string); ok {
			d[field] = resolved(kind, ref)
		}
	}
	if change != nil {
		change(d)
	}
	out, err := json.Marshal(d)
	g.Expect(err).NotTo(HaveOccurred())
	return out
}

func resolved(kind, ref string) string {
	_, name, byName := strings.Cut(ref, "?name=")
	if !byName {
		return ref
	}
	return "https://10.0.0.1/api/" + kind + "/" + kind + "-of-" + name + "#" + name
}

// storedService is the stored form of a service, changed behind the operator's back by change.
func storedService(g Gomega, s model.Service, change func(map[string]any)) model.StoredService {
	out, err := model.ParseService(stored(g, s.Body(), change), "")
	g.Expect(err).NotTo(HaveOccurred())
	return out
}

// again is the stored form of a service after an update.
func again(g Gomega, body []byte) model.StoredService {
	out, err := model.ParseService(stored(g, body, nil), "")
	g.Expect(err).NotTo(HaveOccurred())
	return out
}

func object(g Gomega, body []byte) map[string]any {
	d := map[string]any{}
	g.Expect(json.Unmarshal(body, &d)).To(Succeed())
	return d
}

func group(d map[string]any, i int) map[string]any { return d["groups"].([]any)[i].(map[string]any) }

func member(d map[string]any, i, j int) map[string]any {
	return group(d, i)["members"].([]any)[j].(map[string]any)
}
