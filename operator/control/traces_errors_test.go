package control_test

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/gslbsim/gslbsim/operator/internal/avitest"
)

// What was observed when AMKO 2.2.1 met errors of the controller, and what happens here instead. Rows are named for what the
// controller did.

// TestTraceErrorsAtRunTime answers one call with each error that was tried on AMKO, once. The new host must be on the
// controller within the time, and twenty healthy services must not be written.
//
// Shows: trace-errors-at-run-time, trace-resync-of-everything, B25
func TestTraceErrorsAtRunTime(t *testing.T) {
	const new = "new.example.com"
	tests := map[string]struct {
		verb, path string
		fault      avitest.Fault
		within     time.Duration // AMKO's time is in the comment
		writes     int           // of the new host, in all; 0: two, and what was answered with the fault
	}{
		"connection closed before the monitor was made": {"POST", "healthmonitor", avitest.Fault{Drop: true}, 2 * time.Second, 0},                // 0.3 s, 302 requests in 20 s
		"connection closed after the monitor was made":  {"POST", "healthmonitor", avitest.Fault{Drop: true, Applied: true}, 2 * time.Second, 0}, // 0.3 s
		"connection closed after the service was made":  {"POST", "gslbservice", avitest.Fault{Drop: true, Applied: true}, 2 * time.Second, 0},   // 0.3 s, with two PUTs
		"500":                             {"POST", "gslbservice", avitest.Fault{Status: 500}, 3 * time.Second, 0},                                                  // 0-120 s
		"501":                             {"POST", "gslbservice", avitest.Fault{Status: 501}, 31 * time.Second, 0},                                                 // 0-120 s
		"502":                             {"POST", "gslbservice", avitest.Fault{Status: 502, Raw: "<html>"}, 3 * time.Second, 0},                                   // 0-120 s
		"503":                             {"POST", "gslbservice", avitest.Fault{Status: 503}, 3 * time.Second, 0},                                                  // 0-120 s
		"401":                             {"POST", "gslbservice", avitest.Fault{Status: 401}, time.Second, 0},                                                      // 113-116 s
		"400 maintenance":                 {"POST", "gslbservice", avitest.Fault{Status: 400, Message: "GSLB system is in maintenance mode."}, 16 * time.Second, 0}, // 0-120 s
		"400 domain conflict":             {"POST", "gslbservice", avitest.Fault{Status: 400, Message: "domain name conflicting with existing domain name"}, 6 * time.Second, 0},
		"400 not leader":                  {"POST", "gslbservice", avitest.Fault{Status: 400, Message: "Config Operations can be done ONLY on leader"}, 3 * time.Second, 0}, // refreshInterval
		"400 anything else":               {"POST", "gslbservice", avitest.Fault{Status: 400, Message: "no"}, 31 * time.Second, 0},                                          // never
		"403":                             {"POST", "gslbservice", avitest.Fault{Status: 403, Message: "no"}, 31 * time.Second, 0},                                          // refreshInterval
		"412":                             {"POST", "gslbservice", avitest.Fault{Status: 412, Message: "concurrent update"}, 2 * time.Second, 0},                            // refreshInterval
		"419":                             {"POST", "gslbservice", avitest.Fault{Status: 419}, time.Second, 0},                                                              // refreshInterval
		"429":                             {"POST", "gslbservice", avitest.Fault{Status: 429, Header: map[string]string{"Retry-After": "7"}}, 8 * time.Second, 0},           // refreshInterval
		"504":                             {"POST", "gslbservice", avitest.Fault{Status: 504}, 3 * time.Second, 0},                                                          // refreshInterval
		"404 of the service":              {"POST", "gslbservice", avitest.Fault{Status: 404, Message: "not found"}, 6 * time.Second, 0},
		"409 of the service":              {"POST", "gslbservice", avitest.Fault{Status: 409, Message: "exists"}, 6 * time.Second, 0},
		"200 and an empty body":           {"POST", "gslbservice", avitest.Fault{Status: 200, Applied: true}, time.Second, 2}, // the service stays unknown
		"200 and half a body":             {"POST", "gslbservice", avitest.Fault{Status: 200, Raw: `{"uuid":`, Applied: true}, time.Second, 2},
		"200 and an empty body (monitor)": {"POST", "healthmonitor", avitest.Fault{Status: 200, Applied: true}, time.Second, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				for _, host := range strings.Split("abcdefghijklmnopqrst", "") {
					w.members["east"].Apply(ingress(host, host+".example.com", "10.1.0.1"))
				}
				w.start()
				w.avi().Calls()
				fired := false
				w.avi().OnRequest(func(r avitest.Request) *avitest.Fault {
					if !fired && r.Verb == tt.verb && r.Path == tt.path {
						fired = true
						return &tt.fault
					}
					return nil
				})
				w.members["east"].Apply(ingress("new", new, "10.1.0.2"))
				w.pass(300*time.Millisecond + tt.within)
				w.g.Expect(fired).To(BeTrue())
				w.g.Expect(w.services()).To(ContainElement(new + " 10:10.1.0.2*1"))
				w.pass(10 * time.Minute)
				calls := w.avi().Calls()
				w.g.Expect(calls).To(HaveEach(HavePrefix("POST")), "nothing but the new host is written: %v", calls)
				if tt.writes > 0 {
					w.g.Expect(calls).To(HaveLen(tt.writes))
				}
				w.g.Expect(len(calls)).To(BeNumerically("<=", 3), "%v", calls)
				w.g.Expect(condition(w.configStatus().Conditions, "Programmed")).To(HavePrefix("True"))
			})
		})
	}
}

// TestTraceErrorsOfDeletions answers the deletions of a host's objects with errors: AMKO leaves the monitor behind until it is
// restarted.
//
// Shows: trace-monitor-left-behind
func TestTraceErrorsOfDeletions(t *testing.T) {
	for name, tt := range map[string]struct {
		path  string
		fault avitest.Fault
	}{
		"412 on the monitor":                {"healthmonitor", avitest.Fault{Status: 412, Message: "object is referred by"}},
		"500 on the monitor":                {"healthmonitor", avitest.Fault{Status: 500}},
		"500 on the service":                {"gslbservice", avitest.Fault{Status: 500}},
		"404 on the service":                {"gslbservice", avitest.Fault{Status: 404, Applied: true}},
		"closed after the service had gone": {"gslbservice", avitest.Fault{Drop: true, Applied: true}},
		"closed after the monitor had gone": {"healthmonitor", avitest.Fault{Drop: true, Applied: true}},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
				w.start()
				fired := false
				w.avi().OnRequest(func(r avitest.Request) *avitest.Fault {
					if !fired && r.Verb == "DELETE" && strings.HasPrefix(r.Path, tt.path) {
						fired = true
						return &tt.fault
					}
					return nil
				})
				w.members["east"].Delete(ingress("shop", "", ""))
				w.pass(30 * time.Second)
				w.g.Expect(fired).To(BeTrue())
				w.g.Expect(w.services()).To(BeEmpty())
				w.g.Expect(w.monitors()).To(BeEmpty())
			})
		})
	}
}

// TestTraceSessionsExpire ends all sessions and adds hosts: with AMKO new hosts waited for 113 s, with a login for each of
// eight sessions.
//
// Shows: trace-session-expired
func TestTraceSessionsExpire(t *testing.T) {
	inWorld(t, func(w *world) {
		hosts := []string{"a", "b", "c", "d"}
		for _, host := range hosts {
			w.members["east"].Apply(ingress(host, host+".example.com", "10.1.0.1"))
		}
		w.start()
		w.avi().Requests()
		w.avi().EndSessions()
		for _, host := range hosts {
			w.members["west"].Apply(ingress(host, host+".example.com", "10.2.0.1"))
			w.members["east"].Apply(ingress("x"+host, "x"+host+".example.com", "10.1.0.2"))
		}
		w.pass(300 * time.Millisecond)
		w.g.Expect(w.services()).To(HaveLen(8))
		w.g.Expect(w.services()).To(ContainElement("d.example.com 10:10.1.0.1*1,10.2.0.1*1"))
		logins := slices.DeleteFunc(w.avi().Requests(), func(r avitest.Request) bool { return r.Path != "login" })
		w.g.Expect(logins).To(HaveLen(1))
	})
}

// TestTracePasswordIsValidAgain lets the password be refused for a while: AMKO never tried again, and shut its API down.
//
// Shows: trace-password-valid-again
func TestTracePasswordIsValidAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.avi().Set(func(s *avitest.Settings) { s.Password = "other" })
		w.avi().EndSessions()
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.avi().Requests()
		w.pass(10 * time.Minute)
		w.g.Expect(len(w.avi().Requests())).To(BeNumerically("<", 12), "accounts are locked after too many wrong passwords")
		w.g.Expect(w.services()).To(BeEmpty())
		w.avi().Set(func(s *avitest.Settings) { s.Password = "secret" })
		w.pass(5*time.Minute + time.Second)
		w.g.Expect(w.services()).To(HaveLen(1))
	})
}

// TestTraceNoAnswer lets one write hang: with AMKO an eighth of all hosts hung with it, for 119 s.
//
// Shows: trace-no-answer
func TestTraceNoAnswer(t *testing.T) {
	inWorld(t, func(w *world) {
		w.options.AviTransport = &hangingOnce{RoundTripper: w.options.AviTransport, text: "shop.example.com"}
		w.start()
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		for _, host := range strings.Split("abcdefghij", "") {
			w.members["east"].Apply(ingress(host, host+".example.com", "10.1.0.2"))
		}
		w.pass(time.Second)
		w.g.Expect(w.services()).To(HaveLen(10))
		w.pass(32 * time.Second)
		w.g.Expect(w.services()).To(HaveLen(11))
	})
}

// hangingOnce does not answer the first write whose body contains a text.
type hangingOnce struct {
	http.RoundTripper
	text string
	done atomic.Bool
}

func (h *hangingOnce) RoundTrip(r *http.Request) (*http.Response, error) {
	if h.done.Load() {
		return h.RoundTripper.RoundTrip(r)
	}
	resp, err := hanging{h.RoundTripper, h.text}.RoundTrip(r)
	if err != nil {
		h.done.Store(true)
	}
	return resp, err
}

// TestTraceErrorsAtBoot answers what is read at the start with an error, once or for a minute. AMKO panics, goes on with an
// empty cache, or never tries again.
//
// Shows: trace-boot-errors, trace-one-login-fails
func TestTraceErrorsAtBoot(t *testing.T) {
	faults := map[string]avitest.Fault{"401": {Status: 401, Message: "Invalid credentials"}, "500": {Status: 500}, "dropped": {Drop: true}}
	often := map[string]int{"401": 1, "500": 3, "dropped": 1}
	for _, path := range []string{"login", "cluster", "gslb", "gslbservice", "healthmonitor", "pkiprofile"} {
		for name, fault := range faults {
			t.Run(path+" "+name, func(t *testing.T) {
				inWorld(t, func(w *world) {
					w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
					w.members["east"].Apply(ingress("old", "old.example.com", "10.1.0.1"))
					w.start()
					w.stop()
					w.members["east"].Delete(ingress("old", "", ""))
					w.avi().EndSessions()
					w.avi().Calls()
					n := 0
					w.avi().OnRequest(func(r avitest.Request) *avitest.Fault {
						if r.Path == path && (r.Verb == "GET" || path == "login") && n < often[name] {
							n++
							return &fault
						}
						return nil
					})
					w.start()
					w.pass(time.Minute)
					w.g.Expect(n).To(Equal(often[name]))
					w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.1.0.1*1"}), "what is stale goes, what is there stays")
					w.g.Expect(kinds(w.avi().Calls())).To(Equal([]string{"DELETE gslbservice", "DELETE healthmonitor"}))
					w.g.Expect(w.configStatus().State).To(Equal("success: gslb config accepted"))
				})
			})
		}
	}
}

// TestRefusalsAreEvents looks at the Events that tell of refused writes.
//
// Shows: status-refused-writes, run-events
func TestRefusalsAreEvents(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["east"].Apply(ingress("a", "a.example.com", "10.1.0.1"))
		w.members["east"].Apply(ingress("b", "b.example.com", "10.1.0.2"))
		w.own.Apply(rule("r", "b.example.com", nil))
		w.avi().OnRequest(func(r avitest.Request) *avitest.Fault {
			if r.Path == "gslbservice" && r.Verb == "POST" {
				return &avitest.Fault{Status: 400, Message: "FQDN is not under a subdomain of the GSLB configuration"}
			}
			return nil
		})
		w.start()
		const words = "POST api/gslbservice: 400 FQDN is not under a subdomain of the GSLB configuration"
		w.g.Expect(w.events()).To(ContainElements(
			"Warning GSLBConfig/gc-1 Refused: a.example.com: "+words,
			"Warning GSLBConfig/gc-1 Refused: b.example.com: "+words,
			"Warning GSLBHostRule/r Refused: b.example.com: "+words,
		))
		before := w.events()
		w.pass(time.Hour)
		w.g.Expect(w.events()).To(Equal(before), "the same words once more are no news")
		w.avi().OnRequest(nil)
		w.pass(11 * time.Minute)
		w.g.Expect(w.events()).To(ContainElement(HavePrefix("Normal GSLBHostRule/r Programmed")))

		// A controller that refuses everything does not fill the API server.
		w.avi().Set(func(s *avitest.Settings) { s.Maintenance = true })
		for range 300 {
			w.members["east"].Apply(loadBalancer("lb", "lb.example.com", "10.1.0.9", 53, corev1.ProtocolUDP))
		}
		w.settle()
		w.g.Expect(w.events()).To(ContainElement(HavePrefix("Warning GSLBConfig/gc-1 Maintenance: nothing is written for now")))
	})
}

// TestLongWordsAreCutBetweenCharacters has a controller refuse a service in many words, at each place relative to the limit.
//
// Shows: run-events
func TestLongWordsAreCutBetweenCharacters(t *testing.T) {
	for shift := range 3 {
		inWorld(t, func(w *world) {
			w.avi().OnRequest(func(r avitest.Request) *avitest.Fault {
				if r.Path == "gslbservice" && r.Verb == "POST" {
					return &avitest.Fault{Status: 400, Message: strings.Repeat("x", shift) + strings.Repeat("€", 500)}
				}
				return nil
			})
			w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
			w.start()
			w.g.Expect(w.events()).To(ContainElement(ContainSubstring("€€€")))
			for _, e := range w.events() {
				w.g.Expect(e).NotTo(ContainSubstring("\uFFFD"))
			}
		})
	}
}

// TestEventsAreLimited lets a thousand services be refused at once.
//
// Shows: run-events
func TestEventsAreLimited(t *testing.T) {
	inWorld(t, func(w *world) {
		for i := range 300 {
			host := string(rune('a'+i%26)) + string(rune('a'+i/26))
			w.members["east"].Apply(ingress(host, host+".example.com", "10.1.0.1"))
		}
		w.avi().OnRequest(func(r avitest.Request) *avitest.Fault {
			if r.Verb == "POST" && r.Path != "login" {
				return &avitest.Fault{Status: 400, Message: "no"}
			}
			return nil
		})
		w.start()
		w.g.Expect(len(w.events())).To(And(BeNumerically(">", 20), BeNumerically("<=", 60)))
	})
}

// events are the Events of the own cluster, one line each, sorted.
func (w *world) events() []string {
	var lines []string
	for _, e := range w.own.List("events") {
		of := e["involvedObject"].(map[string]any)
		lines = append(lines, strings.Join([]string{e["type"].(string), of["kind"].(string) + "/" + of["name"].(string), e["reason"].(string) + ":", e["message"].(string)}, " "))
	}
	slices.Sort(lines)
	return lines
}
