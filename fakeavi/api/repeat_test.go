package api_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/api"
)

// Two runs of the same requests with the same seed give the same bytes: identifiers, times, cookies, order.
func TestTwoRunsGiveTheSameBytes(t *testing.T) {
	run := func(t *testing.T, seed uint64) (transcript string) {
		synctest.Test(t, func(t *testing.T) {
			var out strings.Builder
			d, _ := newDirect(t, api.Config{Seed: seed})
			for i, request := range []string{
				`POST /login {"username":"admin","password":"` + adminPassword + `"}`,
				`POST /api/healthmonitor {"name":"hm","type":"HEALTH_MONITOR_PING","is_federated":true}`,
				`POST /api/gslbservice {"name":"b","health_monitor_refs":["/api/healthmonitor?name=hm"],"colour":1,"taste":2}`,
				`POST /api/gslbservice {"name":"b","health_monitor_refs":["/api/healthmonitor?name=hm"]}`,
				`POST /api/gslbservice {"name":"a","health_monitor_refs":["/api/healthmonitor?name=hm"]}`,
				`GET /api/gslbservice?include_name `,
				`GET /api/role?page_size=1 `,
				`GET /api/cluster/runtime `,
				`POST /api/user-token {"hours":2}`,
			} {
				method, rest, _ := strings.Cut(request, " ")
				path, body, _ := strings.Cut(rest, " ")
				time.Sleep(time.Duration(i) * time.Second)
				status, text := d.do(method, path, body)
				fmt.Fprintln(&out, request, status, text, d.cookie, d.csrf)
			}
			transcript = out.String()
		})
		return transcript
	}
	first, second, other := run(t, 1), run(t, 1), run(t, 2)
	if first != second {
		t.Errorf("two runs differ:\n%s\n%s", first, second)
	}
	if first == other {
		t.Error("the seed changes nothing")
	}
}
