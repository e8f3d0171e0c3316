package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/vmware/alb-sdk/go/session"

	"github.com/gslbsim/gslbsim/fakeavi"
	"github.com/gslbsim/gslbsim/fakeavi/live"
	"github.com/gslbsim/gslbsim/fakeavi/probe"
)

// federation is a large GSLB: two sites with controllers that have everything, a third controller that is fresh, and three
// third-party sites.
type federation struct {
	program  *live.Program
	leader   *session.AviSession
	services int
}

func newFederation(services int) (*federation, error) {
	var cfg live.Config
	for i := range 3 {
		cfg.Controllers = append(cfg.Controllers, live.Controller{
			Name: fmt.Sprintf("site%d", i+1), Listen: netip.MustParseAddrPort("127.0.0.1:0"),
		})
	}
	cfg.Standalone, cfg.Health = true, probe.Up
	p, err := live.Start(cfg)
	if err != nil {
		return nil, err
	}
	f := &federation{program: p, services: services}
	if err := f.fill(); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return f, nil
}

// fill forms the GSLB of all but the fresh site and makes the services.
func (f *federation) fill() error {
	sites := f.program.Sites()
	form := fakeavi.Federation{
		Leader: fakeavi.Member{Controller: sites[0].Controller}, Followers: []fakeavi.Member{{Controller: sites[1].Controller}},
		Domains: []string{live.DefaultDomain},
	}
	for i := range 3 {
		form.ThirdParty = append(form.ThirdParty, map[string]any{"name": fmt.Sprintf("other%d", i+1), "enabled": true})
	}
	if err := form.Form(); err != nil {
		return err
	}
	for i := range f.services {
		text, err := json.Marshal(service(i))
		if err != nil {
			return err
		}
		var body map[string]any
		if err := json.Unmarshal(text, &body); err != nil {
			return err
		}
		if _, err := sites[0].Store().Create("gslbservice", body); err != nil {
			return err
		}
	}
	c, err := login(sites[0])
	if err != nil {
		return err
	}
	f.leader = c.AviSession
	return f.await(sites[1], time.Minute)
}

func (f *federation) close() { _ = f.program.Close() }

// await waits until a site has all services and the leader knows it.
func (f *federation) await(s *live.Site, most time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), most)
	defer cancel()
	for s.Store().Len("gslbservice") < f.services {
		if ctx.Err() != nil {
			return fmt.Errorf("%s has %d of %d services after %v", s.Name, s.Store().Len("gslbservice"), f.services, most)
		}
		time.Sleep(time.Millisecond)
	}
	return f.program.Settle(ctx)
}

// coldSync lets the fresh site join, leave and join again. Memory is measured when it has joined for the first time.
func (f *federation) coldSync(_ context.Context, rounds int) ([]row, error) {
	r := row{what: fmt.Sprintf("cold sync of a fresh follower, %d services, 6 sites", f.services), most: 10, unit: "s"}
	var memory []row
	fresh := f.program.Sites()[2]
	for i := range rounds {
		start := time.Now()
		if err := f.join(fresh); err != nil {
			return nil, err
		}
		if err := f.await(fresh, time.Minute); err != nil {
			return nil, err
		}
		r.values = append(r.values, seconds(start))
		if i == 0 {
			memory = f.memory()
		}
		if i < rounds-1 {
			if err := f.leave(fresh); err != nil {
				return nil, err
			}
		}
	}
	return append([]row{r}, memory...), nil
}

// gslb returns the leader's gslb object.
func (f *federation) gslb() (map[string]any, error) {
	var reply struct{ Results []map[string]any }
	if err := f.leader.Get("api/gslb", &reply); err != nil {
		return nil, err
	}
	return reply.Results[0], nil
}

// join adds a site by the requests of an administrator.
func (f *federation) join(s *live.Site) error {
	gslb, err := f.gslb()
	if err != nil {
		return err
	}
	address := []any{map[string]any{"addr": s.Addr().String(), "type": "V4"}}
	var verified struct {
		RxUUID string `json:"rx_uuid"`
	}
	err = f.leader.Post("api/gslbsiteops/verify", map[string]any{
		"name": s.Name, "username": live.DefaultUsername, "password": live.DefaultPassword, "port": 443, "ip_addresses": address,
	}, &verified)
	if err != nil {
		return err
	}
	var reply any
	return f.leader.Patch(fmt.Sprintf("api/gslb/%v", gslb["uuid"]), map[string]any{"sites": []any{map[string]any{
		"name": s.Name, "cluster_uuid": verified.RxUUID, "username": live.DefaultUsername, "password": live.DefaultPassword, "port": 443,
		"ip_addresses": address, "member_type": "GSLB_ACTIVE_MEMBER", "enabled": true,
	}}}, "add", &reply)
}

// leave takes a site out, and waits until it is as fresh as before.
func (f *federation) leave(s *live.Site) error {
	gslb, err := f.gslb()
	if err != nil {
		return err
	}
	var rest []any
	for _, e := range gslb["sites"].([]any) {
		if e.(map[string]any)["name"] != s.Name {
			rest = append(rest, e)
		}
	}
	gslb["sites"] = rest
	var reply any
	if err := f.leader.Put(fmt.Sprintf("api/gslb/%v", gslb["uuid"]), gslb, &reply); err != nil {
		return err
	}
	for end := time.Now().Add(time.Minute); s.Store().Len("gslbservice") > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			return fmt.Errorf("%s has left, and keeps %d services", s.Name, s.Store().Len("gslbservice"))
		}
	}
	return nil
}

// lists reads all services in pages, and checks that each comes exactly once.
func (f *federation) lists(_ context.Context, rounds int) ([]row, error) {
	if err := quiet(time.Minute); err != nil {
		return nil, err
	}
	var rows []row
	for _, size := range []int{100, 200} {
		r := row{what: fmt.Sprintf("list of %d services, exact, in pages of %d", f.services, size), most: 0.3, unit: "s"}
		cpu := row{what: "  CPU time of it, server and client", unit: "s"}
		for range rounds * 3 {
			start := time.Now()
			used := busy()
			if err := f.list(size); err != nil {
				return nil, err
			}
			r.values = append(r.values, seconds(start))
			cpu.values = append(cpu.values, (busy() - used).Seconds())
		}
		rows = append(rows, r, cpu)
	}
	return rows, nil
}

func (f *federation) list(size int) error {
	next := 0
	for page := 1; ; page++ {
		text, err := f.leader.GetRaw(fmt.Sprintf("api/gslbservice?page_size=%d&page=%d", size, page))
		if err != nil {
			return err
		}
		count, more, err := f.checkPage(text, &next, size)
		switch {
		case err != nil:
			return fmt.Errorf("page %d of size %d: %w", page, size, err)
		case count != f.services:
			return fmt.Errorf("page %d of size %d: count is %d, want %d", page, size, count, f.services)
		case !more && next != f.services:
			return fmt.Errorf("pages of size %d have %d services, want %d", size, next, f.services)
		case !more:
			return nil
		}
	}
}

// checkPage looks for the names that a page must have, in their order, without decoding it: the decoder's time is not the
// server's.
func (f *federation) checkPage(text []byte, next *int, size int) (count int, more bool, err error) {
	body := string(text)
	_, after, _ := strings.Cut(body, `"count":`)
	digits := after[:strings.IndexAny(after, ",}\n ")]
	if count, err = strconv.Atoi(strings.TrimSpace(digits)); err != nil {
		return 0, false, err
	}
	here := 0
	for *next < f.services && here < size {
		_, rest, found := strings.Cut(body, `"name":`+strconv.Quote(fmt.Sprintf("app%05d.%s", *next, live.DefaultDomain)))
		if !found {
			return 0, false, fmt.Errorf("service %d is not where it should be", *next)
		}
		body = rest
		*next++
		here++
	}
	return count, strings.Contains(string(text), `"next":`), nil
}

// memory is what all three controllers, their engines and the client's side of the measurements take.
func (f *federation) memory() []row {
	var rows []row
	if peak, err := peakRSS(); err == nil { // there are systems that do not tell
		rows = append(rows, row{what: "most resident memory until then, 3 controllers", values: []float64{peak}, most: 1, unit: "GiB"})
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return append(rows, row{what: "heap then, at rest", values: []float64{float64(m.HeapAlloc) / (1 << 30)}, unit: "GiB"})
}

// peakRSS reads the most resident memory that the process has had, in GiB.
func peakRSS() (float64, error) {
	status, err := os.Open("/proc/self/status")
	if err != nil {
		return 0, err
	}
	defer status.Close()
	for lines := bufio.NewScanner(status); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kib, err := strconv.ParseFloat(strings.Fields(text)[0], 64)
			return kib / (1 << 20), err
		}
	}
	return 0, errors.New("no VmHWM")
}
