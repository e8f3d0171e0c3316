package config_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/config"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

type obj = map[string]any

// db is a store whose objects are read as a controller reads them.
type db struct {
	*store.Store
	g *GomegaWithT
}

func newDB(t *testing.T) db {
	return db{store.New(store.Config{Namespace: "test"}), NewWithT(t)}
}

// make creates an object and returns it.
func (d db) make(typ string, body obj) config.Object {
	o, err := d.Create(typ, body, store.System())
	d.g.Expect(err).NotTo(HaveOccurred())
	return read(o)
}

func read(o *store.Object) config.Object {
	return config.Object{UUID: o.UUID, Name: o.Name, Tenant: o.Tenant, Revision: o.Modified, Body: o.Body()}
}

func (d db) find(ref string) (config.Object, bool) {
	t, ok := store.ParseTarget(ref)
	if !ok {
		return config.Object{}, false
	}
	o, ok := d.Get(t.Type, t.UUID)
	if !ok {
		return config.Object{}, false
	}
	return read(o), true
}

func ip(a string) obj { return obj{"addr": a, "type": "V4"} }

// site is a member of a federation.
func site(name string, more obj) obj {
	s := obj{
		"name": name, "cluster_uuid": "cluster-" + name, "username": "u", "password": "p", "member_type": "GSLB_ACTIVE_MEMBER",
		"ip_addresses": []any{ip("10.0.0.1")},
	}
	for k, v := range more {
		s[k] = v
	}
	return s
}

// federation is a gslb object with sites a and b and a third-party site t.
func (d db) federation(more obj) config.Gslb {
	body := obj{
		"name": "Default", "leader_cluster_uuid": "cluster-a", "dns_configs": []any{obj{"domain_name": "gslb.example"}},
		"sites": []any{
			site("a", obj{"ratio": 3, "location": obj{"source": "GSLB_LOCATION_SRC_USER_CONFIGURED", "location": obj{"latitude": 50.1, "longitude": 8.7, "name": "Germany"}}}),
			site("b", obj{"enabled": false, "member_type": "GSLB_PASSIVE_MEMBER"}),
		},
		"third_party_sites": []any{obj{"name": "t", "cluster_uuid": "tp_cluster-t", "location": obj{"source": "GSLB_LOCATION_SRC_FROM_GEODB"}}},
	}
	for k, v := range more {
		body[k] = v
	}
	return config.ReadGslb(d.make("gslb", body).Body)
}
