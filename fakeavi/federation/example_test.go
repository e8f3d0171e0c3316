package federation_test

import (
	"fmt"

	"github.com/gslbsim/gslbsim/fakeavi/federation"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// Federated objects are replicated; others stay where they were made.
func ExampleFederated() {
	s := store.New(store.Config{Namespace: "example"})
	for _, federated := range []bool{true, false} {
		o, err := s.Create("healthmonitor", map[string]any{
			"name": fmt.Sprintf("federated=%v", federated), "type": "HEALTH_MONITOR_PING", "is_federated": federated,
		})
		if err != nil {
			panic(err)
		}
		fmt.Println(o.Name, federation.Federated(o))
	}
	// Output:
	// federated=true true
	// federated=false false
}
