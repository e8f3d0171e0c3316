package store_test

import (
	"fmt"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

func Example() {
	s := store.New(store.Config{Namespace: "cluster-0-1"})
	s.Subscribe(func(c store.Change) { fmt.Println(c.Op, c.Object().Type, c.Object().Name) })

	monitor, _ := s.Create("healthmonitor", map[string]any{"name": "ping", "type": "HEALTH_MONITOR_PING", "is_federated": true})
	service, _ := s.Create("gslbservice", map[string]any{
		"name": "app.gslb.test", "health_monitor_refs": []any{"/api/healthmonitor?name=ping"},
	})
	fmt.Println(service.Body()["health_monitor_refs"].([]any)[0] == "/api/healthmonitor/"+monitor.UUID)

	_, err := s.Delete("healthmonitor", monitor.UUID)
	fmt.Println(store.StatusOf(err), err)
	// Output:
	// created healthmonitor ping
	// created gslbservice app.gslb.test
	// true
	// 403 Cannot delete, object is referred by: ['GslbService app.gslb.test']
}
