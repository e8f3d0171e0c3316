package network_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/internal/loop"
	"github.com/gslbsim/gslbsim/sim/bubble"
	"github.com/gslbsim/gslbsim/sim/network"
)

var (
	client  = netip.MustParseAddr("192.0.2.1")
	server  = netip.MustParseAddr("198.51.100.1")
	service = netip.AddrPortFrom(server, 443)
)

// world is a network of one client and one server at two sites, 20 ms apart, beside a running loop.
type world struct {
	*network.Network
	loop  *loop.Loop
	ctx   context.Context
	start time.Time
}

// rest lets d pass and orders what happened in it before what the test does next.
func (w *world) rest(d time.Duration) {
	if err := w.loop.Do(w.ctx, d, "~rest", func() {}); err != nil {
		panic(err)
	}
}

func (w *world) get(path string, timeout time.Duration) (string, time.Duration, error) {
	tr := w.Transport(client)
	defer tr.CloseIdleConnections()
	return fetch(w, &http.Client{Transport: tr, Timeout: timeout}, path)
}

func fetch(w *world, c *http.Client, path string) (string, time.Duration, error) {
	began := time.Now()
	resp, err := c.Get("https://" + service.String() + path)
	if err != nil {
		return "", time.Since(began), err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), time.Since(began), err
}

func in(t *testing.T, f func(g *WithT, w *world)) {
	t.Helper()
	g := NewWithT(t)
	g.Expect(bubble.In(t)(func() {
		ctx, stop := context.WithCancel(context.Background())
		l := loop.New(loop.Settle(bubble.Settle))
		w := &world{network.New(l, 1), l, ctx, time.Now()}
		g.Expect(w.AddHost("client", "office", client)).To(Succeed())
		g.Expect(w.AddHost("server", "region01", server)).To(Succeed())
		w.SetLink("office", "region01", network.Link{Latency: 20 * time.Millisecond})
		ended := make(chan struct{})
		go func() { defer close(ended); l.Run(ctx) }()
		defer func() { stop(); <-ended }()
		f(g, w)
	})).To(Succeed())
}

func echo() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s%s from %s", r.Method, r.URL.Path, body, r.RemoteAddr[:len(client.String())])
	})
}

func TestDatagramTravelsForTheLatencyOfItsLink(t *testing.T) {
	in(t, func(g *WithT, w *world) {
		var at time.Duration
		w.Send(client, server, "q", func() { at = time.Since(w.start) })
		w.rest(time.Second)
		g.Expect(at).To(Equal(20 * time.Millisecond))
		g.Expect(w.Latency("office", "region01")).To(Equal(20 * time.Millisecond))
	})
}

func TestDatagramsGetLostWithoutNotice(t *testing.T) {
	type step func(w *world)
	for name, tc := range map[string]struct {
		before, during step
		arrives        bool
	}{
		"open path":              {arrives: true},
		"one way cut":            {before: func(w *world) { w.Cut("office", "region01") }},
		"other way cut":          {before: func(w *world) { w.Cut("region01", "office") }, arrives: true},
		"cut from everywhere":    {before: func(w *world) { w.Cut("", "region01") }},
		"cut to everywhere":      {before: func(w *world) { w.Cut("office", "") }},
		"cut and healed":         {before: func(w *world) { w.Cut("office", "region01"); w.Heal("office", "region01") }, arrives: true},
		"two cuts, one healed":   {before: func(w *world) { w.Cut("", "region01"); w.Cut("", "region01"); w.Heal("", "region01") }},
		"receiver down":          {before: func(w *world) { _ = w.PowerOff("server") }},
		"sender down":            {before: func(w *world) { _ = w.PowerOff("client") }},
		"down and up":            {before: func(w *world) { _ = w.PowerOff("server"); _ = w.PowerOn("server") }, arrives: true},
		"cut while on its way":   {during: func(w *world) { w.Cut("office", "region01") }},
		"address that moved off": {during: func(w *world) { w.RemoveAddress(server) }},
		"lossy":                  {before: func(w *world) { w.SetLink("office", "region01", network.Link{Loss: 1}) }},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(g *WithT, w *world) {
				if tc.before != nil {
					tc.before(w)
				}
				arrived, segment := false, false
				w.Send(client, server, "q", func() { arrived = true })
				w.SendSegment(client, server, "q", func() { segment = true })
				w.rest(time.Millisecond)
				if tc.during != nil {
					tc.during(w)
				}
				w.rest(time.Second)
				g.Expect(arrived).To(Equal(tc.arrives))
				g.Expect(segment).To(Equal(tc.arrives || name == "lossy"), "TCP repeats what a link loses")
			})
		})
	}
}

func TestLossAndJitterFollowTheirShares(t *testing.T) {
	in(t, func(g *WithT, w *world) {
		w.SetLink("office", "region01", network.Link{Latency: 10 * time.Millisecond, Jitter: 0.5, Loss: 0.25})
		arrived, sum := 0, time.Duration(0)
		const sent = 4000
		for i := range sent {
			w.Send(client, server, fmt.Sprint(i), func() { arrived++; sum += time.Since(w.start) })
		}
		w.rest(time.Second)
		g.Expect(float64(arrived) / sent).To(BeNumerically("~", 0.75, 0.03))
		g.Expect(sum / time.Duration(arrived)).To(BeNumerically("~", 12500*time.Microsecond, 200*time.Microsecond))
		g.Expect(w.Latency("office", "region01")).To(Equal(15 * time.Millisecond))
	})
}

func TestRequestAndReplyTravel(t *testing.T) {
	in(t, func(g *WithT, w *world) {
		stop, err := w.Serve(service, network.Service{Handler: echo()})
		g.Expect(err).NotTo(HaveOccurred())
		defer stop()
		body, took, err := w.get("/x", time.Minute)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(body).To(Equal("GET /x from 192.0.2.1"))
		g.Expect(took).To(Equal(40 * time.Millisecond))
	})
}

func TestRequestsOfOneInstantAreServedInTheOrderOfTheirKeys(t *testing.T) {
	for range 5 {
		in(t, func(g *WithT, w *world) {
			w.SetLink("office", "region01", network.Link{})
			var order []string
			stop, err := w.Serve(service, network.Service{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				order = append(order, r.URL.Path)
			})})
			g.Expect(err).NotTo(HaveOccurred())
			defer stop()
			done := make(chan struct{})
			for _, p := range []string{"/c", "/a", "/d", "/b"} {
				go func() { defer func() { done <- struct{}{} }(); _, _, _ = w.get(p, time.Minute) }()
			}
			for range 4 {
				<-done
			}
			g.Expect(strings.Join(order, "")).To(Equal("/a/b/c/d"))
		})
	}
}

func TestDialErrors(t *testing.T) {
	in(t, func(g *WithT, w *world) {
		_, took, err := w.get("/", time.Hour)
		g.Expect(errors.Is(err, syscall.ECONNREFUSED)).To(BeTrue(), "no server: %v", err)
		g.Expect(took).To(BeZero())

		g.Expect(w.PowerOff("server")).To(Succeed())
		_, took, err = w.get("/", time.Hour)
		var timeout net.Error
		g.Expect(errors.As(err, &timeout) && timeout.Timeout()).To(BeTrue(), "host down: %v", err)
		g.Expect(took).To(Equal(30 * time.Second))

		_, _, err = w.get("/", 5*time.Second)
		g.Expect(errors.As(err, &timeout) && timeout.Timeout()).To(BeTrue(), "client gave up: %v", err)
	})
}

func TestRequestWaitsForAShortCutAndOutlastsIt(t *testing.T) {
	in(t, func(g *WithT, w *world) {
		served := 0
		stop, err := w.Serve(service, network.Service{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served++ })})
		g.Expect(err).NotTo(HaveOccurred())
		defer stop()
		w.Cut("office", "region01")
		w.loop.After(3*time.Second, "heal", func() { w.Heal("office", "region01") })
		_, took, err := w.get("/", time.Minute)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(took).To(BeNumerically("~", 3*time.Second, 100*time.Millisecond))
		g.Expect(served).To(Equal(1))
	})
}

func TestPowerLossSwallowsTheRequestInFlight(t *testing.T) {
	in(t, func(g *WithT, w *world) {
		served := 0
		stop, err := w.Serve(service, network.Service{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served++ })})
		g.Expect(err).NotTo(HaveOccurred())
		defer stop()
		tr := w.Transport(client)
		defer tr.CloseIdleConnections()
		c := &http.Client{Transport: tr, Timeout: time.Minute}
		_, _, err = fetch(w, c, "/warm")
		g.Expect(err).NotTo(HaveOccurred())
		w.loop.After(10*time.Millisecond, "off", func() { _ = w.PowerOff("server") })
		_, took, err := fetch(w, c, "/lost")
		g.Expect(err).To(HaveOccurred())
		g.Expect(took).To(Equal(time.Minute), "nobody tells the client")
		w.rest(time.Second)
		g.Expect(served).To(Equal(1))
		g.Expect(w.PowerOn("server")).To(Succeed())
		_, _, err = fetch(w, c, "/again")
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(served).To(Equal(2))
	})
}

// ticks streams a line a second.
func ticks(w http.ResponseWriter, r *http.Request) {
	w.(http.Flusher).Flush()
	for i := 0; ; i++ {
		select {
		case <-time.After(time.Second):
		case <-r.Context().Done():
			return
		}
		fmt.Fprintf(w, "%d ", i)
		w.(http.Flusher).Flush()
	}
}

func TestStreamIsDelayedButNotSlowed(t *testing.T) {
	in(t, func(g *WithT, w *world) {
		stop, err := w.Serve(service, network.Service{Handler: http.HandlerFunc(ticks), Streaming: func(*http.Request) bool { return true }})
		g.Expect(err).NotTo(HaveOccurred())
		defer stop()
		tr := w.Transport(client)
		defer tr.CloseIdleConnections()
		resp, err := (&http.Client{Transport: tr}).Get("https://" + service.String())
		g.Expect(err).NotTo(HaveOccurred())
		defer resp.Body.Close()
		opened := time.Now()
		buf := make([]byte, 2*5)
		_, err = io.ReadFull(resp.Body, buf)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(string(buf)).To(Equal("0 1 2 3 4 "))
		g.Expect(time.Since(opened)).To(Equal(5 * time.Second))
	})
}

func TestStreamSurvivesAShortCutAndBreaksAfterALongOne(t *testing.T) {
	for name, tc := range map[string]struct {
		cut    time.Duration
		breaks bool
	}{"30 s": {30 * time.Second, false}, "60 s": {60 * time.Second, true}} {
		t.Run(name, func(t *testing.T) {
			in(t, func(g *WithT, w *world) {
				stop, err := w.Serve(service, network.Service{Handler: http.HandlerFunc(ticks), Streaming: func(*http.Request) bool { return true }})
				g.Expect(err).NotTo(HaveOccurred())
				defer stop()
				tr := w.Transport(client)
				defer tr.CloseIdleConnections()
				resp, err := (&http.Client{Transport: tr}).Get("https://" + service.String())
				g.Expect(err).NotTo(HaveOccurred())
				defer resp.Body.Close()
				opened := time.Now()
				w.Cut("region01", "office")
				w.loop.After(tc.cut, "heal", func() { w.Heal("region01", "office") })
				_, err = io.ReadFull(resp.Body, make([]byte, 50))
				if tc.breaks {
					g.Expect(err).To(HaveOccurred())
					g.Expect(time.Since(opened)).To(BeNumerically("~", 45*time.Second, time.Second))
				} else {
					g.Expect(err).NotTo(HaveOccurred())
				}
			})
		})
	}
}

func TestNamesAndAddressesAreUnique(t *testing.T) {
	in(t, func(g *WithT, w *world) {
		g.Expect(w.AddHost("client", "x")).To(MatchError(ContainSubstring("exists already")))
		g.Expect(w.AddHost("other", "x", server)).To(MatchError(ContainSubstring("is taken by host server")))
		g.Expect(w.AddAddress("nobody", server)).To(MatchError(ContainSubstring("no host nobody")))
		name, site, ok := w.Owner(server)
		g.Expect([]any{name, site, ok}).To(Equal([]any{"server", "region01", true}))
	})
}

func TestChangesAreAnnounced(t *testing.T) {
	in(t, func(g *WithT, w *world) {
		n := 0
		w.OnChange(func() { n++ })
		g.Expect(w.PowerOff("server")).To(Succeed())
		g.Expect(w.PowerOff("server")).To(Succeed())
		g.Expect(w.Down("server")).To(BeTrue())
		w.Cut("office", "")
		g.Expect(n).To(Equal(2))
		g.Expect(w.PowerOff("nobody")).NotTo(Succeed())
	})
}
