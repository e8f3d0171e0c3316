package federation

import (
	"slices"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// Types are the object types that are replicated, if an object is federated, in an order in which no object refers to a
// later one.
var Types = [...]string{
	"fileobject", "sslprofile", "sslkeyandcertificate", "pkiprofile", "jwtserverprofile", "jwtprofile",
	"applicationpersistenceprofile", "healthmonitor", "gslbgeodbprofile", "federationcheckpoint", "gslb", "gslbservice",
}

// Federated reports whether an object is replicated.
func Federated(o *store.Object) bool {
	return o.Federated && slices.Contains(Types[:], o.Type)
}

// Immediate reports whether changes of an object reach a site at once even if the site follows checkpoints only: those of
// the federation itself.
func Immediate(o *store.Object) bool { return o.Type == "gslb" || o.Type == "federationcheckpoint" }

// all returns all federated objects of a store, in the order of Types.
func all(s *store.Store) []*store.Object {
	var out []*store.Object
	for _, typ := range Types {
		objects, _ := s.List(typ, store.Query{})
		for _, o := range objects {
			if Federated(o) {
				out = append(out, o)
			}
		}
	}
	return out
}
