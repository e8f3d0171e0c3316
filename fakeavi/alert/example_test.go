package alert_test

import (
	"fmt"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/alert"
	"github.com/gslbsim/gslbsim/fakeavi/analytics"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

func ExampleBook_Raise() {
	s := store.New(store.Config{Namespace: "example"})
	_, err := s.Create("alertconfig", map[string]any{
		"name": "down", "source": "EVENT_LOGS", "category": "REALTIME", "throttle": 0,
		"alert_rule": map[string]any{"sys_event_rule": []any{map[string]any{"event_id": "GS_DOWN"}}},
	})
	if err != nil {
		fmt.Println(err)
	}
	book := alert.New(s)
	book.Raise(analytics.Event{At: time.Now(), ID: "GS_UP", ObjName: "app", Tenant: "admin"})
	book.Raise(analytics.Event{At: time.Now(), ID: "GS_DOWN", ObjName: "app", Tenant: "admin", Description: "GSLB service app is DOWN"})
	for _, a := range book.Alerts() {
		fmt.Println(a["level"], a["obj_name"], a["summary"])
	}
	// Output: ALERT_LOW app GSLB service app is DOWN
}
