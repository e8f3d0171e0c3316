package kube_test

import (
	"fmt"
	"strconv"
	"sync"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/sim/kube"
)

// TestSixteenWriters has 16 writers raise one counter by optimistic locking, and create, list and delete beside it, while
// the server restarts, and definitions come and go. No update may be lost.
func TestSixteenWriters(t *testing.T) {
	const writers, rounds = 16, 20
	g := NewWithT(t)
	s := newServer(t)
	must(t, 201, call(s, "POST", widgetURL, widget("counter", `{"parts":[{"name":"n","count":0}]}`)))
	var all sync.WaitGroup
	for id := range writers {
		all.Go(func() {
			for i := range rounds {
				raise(t, s)
				name := fmt.Sprintf("w%d-%d", id, i)
				call(s, "POST", secretURL, secret(name, `{}`))
				call(s, "GET", secretURL, "")
				if i%2 == 0 {
					call(s, "DELETE", secretURL+"/"+name, "")
				}
				if id == 0 && i%5 == 0 {
					s.Restart()
				}
				if id == 1 && i%5 == 0 {
					call(s, "POST", definitionURL, gadgetCRD(t, nil))
					call(s, "DELETE", definitionURL+"/gadgets.example.com", "")
				}
			}
		})
	}
	all.Wait()
	g.Expect(call(s, "GET", widgetURL+"/counter", "").get("spec", "parts")).To(Equal(fmt.Sprintf("[map[count:%d name:n]]", writers*rounds)))
	g.Expect(call(s, "GET", secretURL, "").names()).To(HaveLen(writers * rounds / 2))
}

// raise adds one to the counter: read, change, write, again on conflict.
func raise(t *testing.T, s *kube.Server) {
	for {
		r := call(s, "GET", widgetURL+"/counter", "")
		part := r.object["spec"].(map[string]any)["parts"].([]any)[0].(map[string]any)
		part["count"] = part["count"].(float64) + 1
		body := fmt.Sprintf(`{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"counter","resourceVersion":%q},"spec":{"parts":[{"name":"n","count":%s}]}}`,
			r.get("metadata", "resourceVersion"), strconv.FormatFloat(part["count"].(float64), 'f', 0, 64))
		switch code := call(s, "PUT", widgetURL+"/counter", body).Code; code {
		case 200:
			return
		case 409:
		default:
			t.Errorf("status %d", code)
			return
		}
	}
}
