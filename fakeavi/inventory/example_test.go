package inventory_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/health"
	"github.com/gslbsim/gslbsim/fakeavi/inventory"
)

func ExampleOperationalStatus() {
	status := health.Status{State: health.StateDown, Reason: "no member is up"}
	text, _ := json.Marshal(inventory.OperationalStatus(status, time.Unix(1_700_000_000, 5_000)))
	fmt.Println(string(text))
	// Output: {"last_changed_time":{"secs":1700000000,"usecs":5},"reason":["no member is up"],"state":"OPER_DOWN"}
}
