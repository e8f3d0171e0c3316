package fault_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/fault"
)

func TestRulesChooseRequests(t *testing.T) {
	for name, tc := range map[string]struct {
		rule                     fault.Rule
		controller, method, path string
		hit                      bool
	}{
		"all":                  {fault.Rule{}, "a", "GET", "/api/cluster", true},
		"method":               {fault.Rule{Method: "post"}, "a", "POST", "/api/pool", true},
		"other method":         {fault.Rule{Method: "POST"}, "a", "GET", "/api/pool", false},
		"controller":           {fault.Rule{Controller: "a"}, "a", "GET", "/x", true},
		"other controller":     {fault.Rule{Controller: "a"}, "b", "GET", "/x", false},
		"exact":                {fault.Rule{Path: "/api/pool"}, "a", "GET", "/api/pool", true},
		"exact is not a start": {fault.Rule{Path: "/api/pool"}, "a", "GET", "/api/pool/1", false},
		"star is one element":  {fault.Rule{Path: "/api/pool/*"}, "a", "GET", "/api/pool/1", true},
		"star is not two":      {fault.Rule{Path: "/api/pool/*"}, "a", "GET", "/api/pool/1/runtime", false},
		"rest":                 {fault.Rule{Path: "/api/pool/**"}, "a", "GET", "/api/pool/1/runtime", true},
		"rest may be nothing":  {fault.Rule{Path: "/api/pool/**"}, "a", "GET", "/api/pool", true},
		"rest is not a prefix": {fault.Rule{Path: "/api/pool/**"}, "a", "GET", "/api/poolgroup", false},
		"doubled slashes":      {fault.Rule{Path: "/api/pool"}, "a", "GET", "//api//pool/", true},
	} {
		t.Run(name, func(t *testing.T) {
			rules := fault.New(fault.Config{Seed: 1})
			tc.rule.Status = 418
			if _, err := rules.Add(tc.rule); err != nil {
				t.Fatal(err)
			}
			got := send(rules, tc.controller, tc.method, tc.path).Code == 418
			if got != tc.hit {
				t.Errorf("struck: %v, want %v", got, tc.hit)
			}
		})
	}
}

var fine = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "fine") })

func send(rules *fault.Rules, controller, method, path string) *httptest.ResponseRecorder {
	w, r := httptest.NewRecorder(), httptest.NewRequest(method, "/", nil)
	r.URL.Path = path
	rules.Handler(fault.Target{Controller: controller}, fine).ServeHTTP(w, r)
	return w
}

func TestSkipAndCount(t *testing.T) {
	g := NewWithT(t)
	rules := fault.New(fault.Config{Seed: 1})
	_, err := rules.Add(fault.Rule{Status: 503, Skip: 2, Count: 3})
	g.Expect(err).NotTo(HaveOccurred())
	var codes []int
	for range 8 {
		codes = append(codes, send(rules, "a", "GET", "/").Code)
	}
	g.Expect(codes).To(Equal([]int{200, 200, 503, 503, 503, 200, 200, 200}))
	g.Expect(rules.List()[0].Struck).To(Equal(3))
}

func TestProbabilityIsSeeded(t *testing.T) {
	g := NewWithT(t)
	strikes := func(seed uint64) (pattern string) {
		rules := fault.New(fault.Config{Seed: seed})
		_, err := rules.Add(fault.Rule{Status: 500, Probability: 0.3})
		g.Expect(err).NotTo(HaveOccurred())
		for range 1000 {
			pattern += fmt.Sprint(send(rules, "a", "GET", "/").Code, " ")
		}
		return pattern
	}
	g.Expect(strikes(1)).To(Equal(strikes(1)))
	g.Expect(strikes(1)).NotTo(Equal(strikes(2)))
	// 1,000 draws of 0.3: 300 expected, standard deviation 14.5, five of them allowed.
	g.Expect(strings.Count(strikes(1), "500")).To(BeNumerically("~", 300, 73))
}

func TestStatusHasTheBodyThatWasGiven(t *testing.T) {
	g := NewWithT(t)
	rules := fault.New(fault.Config{Seed: 1})
	_, err := rules.Add(fault.Rule{Status: 400, Body: json.RawMessage(`{"error":"GSLB system is in maintenance mode."}`)})
	g.Expect(err).NotTo(HaveOccurred())
	w := send(rules, "a", "POST", "/api/gslbservice")
	g.Expect(w.Body.String()).To(MatchJSON(`{"error":"GSLB system is in maintenance mode."}`))
	rules.Clear()
	g.Expect(send(rules, "a", "POST", "/api/gslbservice").Code).To(Equal(200))
}

func TestDelaysAddUpAndGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		rules := fault.New(fault.Config{Seed: 1})
		for range 2 {
			_, err := rules.Add(fault.Rule{Delay: fault.Duration(3 * time.Second)})
			g.Expect(err).NotTo(HaveOccurred())
		}
		start := time.Now()
		g.Expect(send(rules, "a", "GET", "/").Body.String()).To(Equal("fine"))
		g.Expect(time.Since(start)).To(Equal(6 * time.Second))
	})
}

func TestDrop(t *testing.T) {
	for _, moment := range []string{fault.Before, fault.After} {
		t.Run(moment, func(t *testing.T) {
			g := NewWithT(t)
			var handled atomic.Int32
			rules := fault.New(fault.Config{Seed: 1})
			_, err := rules.Add(fault.Rule{Drop: moment, Count: 1})
			g.Expect(err).NotTo(HaveOccurred())
			server := httptest.NewServer(rules.Handler(fault.Target{}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { handled.Add(1) })))
			defer server.Close()
			_, err = http.Post(server.URL, "", nil)
			g.Expect(err).To(MatchError(io.EOF))
			g.Expect(handled.Load()).To(Equal(map[string]int32{fault.Before: 0, fault.After: 1}[moment]))
			resp, err := http.Post(server.URL, "", nil)
			g.Expect(err).NotTo(HaveOccurred(), "the rule struck once")
			g.Expect(resp.Body.Close()).To(Succeed())
		})
	}
}

func TestExpire(t *testing.T) {
	g := NewWithT(t)
	one, all := 0, 0
	rules := fault.New(fault.Config{Seed: 1})
	h := rules.Handler(fault.Target{Expire: func(*http.Request) { one++ }, ExpireAll: func() { all++ }}, fine)
	for _, reach := range []string{fault.Session, fault.All} {
		_, err := rules.Add(fault.Rule{Expire: reach, Count: 1})
		g.Expect(err).NotTo(HaveOccurred())
	}
	for range 2 {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	}
	g.Expect([]int{one, all}).To(Equal([]int{1, 1}))
}

func TestRulesThatMakeNoSenseAreRefused(t *testing.T) {
	for want, rule := range map[string]fault.Rule{
		"the rule does nothing": {},
		"probability":           {Status: 500, Probability: 1.5},
		"status":                {Status: 200},
		"drop: ":                {Drop: "later"},
		"drop and status":       {Drop: "after", Status: 500},
		"expire":                {Expire: "some"},
		"delay":                 {Delay: fault.Duration(time.Hour)},
		"path":                  {Status: 500, Path: "/api/["},
		"body":                  {Delay: 1, Body: json.RawMessage(`{}`)},
		"count and skip":        {Status: 500, Count: -1},
	} {
		if _, err := fault.New(fault.Config{}).Add(rule); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%+v: error %v, want one about %s", rule, err, want)
		}
	}
}

func TestRulesAreBounded(t *testing.T) {
	g := NewWithT(t)
	rules := fault.New(fault.Config{Seed: 1})
	var last error
	for range 1001 {
		_, last = rules.Add(fault.Rule{Status: 500})
	}
	g.Expect(last).To(MatchError(fault.ErrTooMany))
	g.Expect(rules.Remove("1")).To(BeTrue())
	g.Expect(rules.Remove("1")).To(BeFalse())
	_, err := rules.Add(fault.Rule{Status: 500})
	g.Expect(err).NotTo(HaveOccurred())
}

func ExampleRules_Handler() {
	rules := fault.New(fault.Config{Seed: 1})
	_, _ = rules.Add(fault.Rule{Method: "POST", Path: "/api/gslbservice/**", Status: 503, Count: 1})
	h := rules.Handler(fault.Target{Controller: "avi"}, http.NotFoundHandler())
	for range 2 {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("POST", "//api/gslbservice/", nil))
		fmt.Println(w.Code)
	}
	// Output:
	// 503
	// 404
}
