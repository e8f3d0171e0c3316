package api_test

import (
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/vmware/alb-sdk/go/clients"
	"github.com/vmware/alb-sdk/go/models"
	"github.com/vmware/alb-sdk/go/session"

	"github.com/gslbsim/gslbsim/fakeavi/api"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// The official client talks to the API as to a controller.
func Example() {
	a, err := api.New(api.Config{
		Store: store.New(store.Config{Namespace: "cluster-0-1"}),
		Users: []api.User{{Name: "admin", Password: "secret", Superuser: true}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewTLSServer(a)
	defer server.Close()

	client, err := clients.NewAviClient(strings.TrimPrefix(server.URL, "https://"), "admin",
		session.SetPassword("secret"), session.SetInsecure, session.SetVersion("31.2.1"))
	if err != nil {
		fmt.Println(err)
		return
	}
	name, kind := "app.gslb.test", "HEALTH_MONITOR_PING"
	if _, err := client.HealthMonitor.Create(&models.HealthMonitor{Name: &name, Type: &kind}); err != nil {
		fmt.Println(err)
		return
	}
	monitor, err := client.HealthMonitor.GetByName(name)
	fmt.Println(*monitor.Name, *monitor.SendInterval, *monitor.FailedChecks, err)
	// Output: app.gslb.test 10 2 <nil>
}
