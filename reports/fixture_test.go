package reports_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/gslbsim/gslbsim/sim/result"
)

const (
	appName   = "application01.gslb.aclab.uk"
	aliasName = "application01.aclab.uk"
	vip1      = "10.166.108.54"
	vip2      = "10.166.109.54"
	bucket    = 5 * time.Second
	span      = 20 * time.Minute
)

func ms(d time.Duration) result.Millis { return result.Millis(d) }

func minute(n float64) time.Duration { return time.Duration(n * float64(time.Minute)) }

// failover is the result of a run in which region 01 first loses its child virtual service and later goes dark: two
// promises are broken, one is inconclusive, and the others are kept.
func failover() *result.Result {
	r := &result.Result{
		Schema:   result.Schema,
		Scenario: "failover",
		About: "Region 01 has priority. Its child virtual service is disabled and restored, then the whole region goes dark " +
			"for five minutes. Clients must be moved to region 02 each time, and back.",
		Seed:    1,
		Repeat:  "gslbsim run scenarios/failover.yaml --seed 1",
		Verdict: result.Broken,
		Setup:   ms(70 * time.Second),
		Span:    ms(span),
		Digest:  "9f1c0a6be0f0d3c1a7c2f5f49a0a1d4e6a7f3b2c58d1e0f99b6c4a2d7e8f1035",
		Sites: []result.Site{
			{Name: "management", Clusters: []string{"aclab-vks-mgmt"}},
			{Name: "region01", Role: "leader", Controller: "avi.aclab.uk", DNS: []string{"10.166.111.1"}, Clusters: []string{"aclab-vks-01"}},
			{Name: "region02", Role: "follower", Controller: "avi-node0r2.aclab.uk", DNS: []string{"10.166.111.101"}, Clusters: []string{"aclab-vks-02"}},
		},
		Services: []result.Service{{
			Name: appName,
			TTL:  30,
			Members: []result.Member{
				{Address: vip1, Site: "region01", Pool: appName + "-20", Priority: 20, Ratio: 1},
				{Address: vip2, Site: "region02", Pool: appName + "-10", Priority: 10, Ratio: 1},
			},
			Health: result.HealthSetting{
				ControlPlane: true, SendInterval: ms(15 * time.Second),
				Monitors: 1, Interval: ms(10 * time.Second), Timeout: ms(4 * time.Second), FailedChecks: 3, SuccessfulChecks: 2,
			},
		}},
		Phases: []result.Phase{
			{Name: "steady", From: 0, To: ms(minute(4))},
			{Name: "vs-disabled", From: ms(minute(4)), To: ms(minute(8))},
			{Name: "restored", From: ms(minute(8)), To: ms(minute(11))},
			{Name: "region01-dark", From: ms(minute(11)), To: ms(minute(16))},
			{Name: "returned", From: ms(minute(16)), To: ms(span)},
		},
		Faults: []result.Fault{
			{Name: "vs-disabled", Action: "disable-vs", Target: "region01: child virtual service of application01", From: ms(minute(4)), To: ms(minute(8))},
			{Name: "region01-dark", Action: "site-dark", Target: "region01", Site: "region01", From: ms(minute(11)), To: ms(minute(16))},
		},
		Promises: failoverPromises(),
		Ladders:  failoverLadders(),
		Series:   failoverSeries(bucket),
		Traffic: []result.Traffic{
			{Name: "staff", Host: aliasName, Clients: 150, Queries: 36012, FromCache: 33117, Unanswered: 37, Median: ms(2 * time.Millisecond), Slowest: ms(5002 * time.Millisecond)},
			{Name: "probes", Host: appName, Clients: 50, Queries: 12199, FromCache: 10933, Median: ms(2 * time.Millisecond), Slowest: ms(61 * time.Millisecond)},
		},
		Calls: []result.CallCount{
			{Program: "amko-01", Method: "GET", Type: "gslbservice", Status: 200, Count: 84},
			{Program: "amko-01", Method: "POST", Type: "gslbservice", Status: 201, Count: 1},
			{Program: "amko-01", Method: "PUT", Type: "gslbservice", Status: 200, Count: 2},
			{Program: "amko-01", Method: "PUT", Type: "gslbservice", Status: 412, Count: 1},
			{Program: "amko-01", Method: "GET", Type: "gslb", Status: 0, Count: 6},
		},
	}
	r.Events = failoverEvents()
	return r
}

func failoverPromises() []result.Promise {
	return []result.Promise{
		{Name: "steady: only region01 is answered", Kind: "answers", Verdict: result.Pass, Observed: "100.0 % of 5760", Bound: "= 100 %"},
		{Name: "vs-disabled: authoritative answers flip to region02", Kind: "flip", Verdict: result.Pass, Observed: "9.8s", Bound: "<= 15.2s",
			Formula: "send interval 15s + link 200ms"},
		{Name: "vs-disabled: clients flip to region02", Kind: "flip", Verdict: result.Pass, Observed: "38.9s", Bound: "<= 45.2s",
			Formula: "send interval 15s + link 200ms + TTL 30s"},
		{Name: "vs-disabled: no client goes unanswered", Kind: "unanswered", Verdict: result.Pass, Observed: "0 of 9640", Bound: "= 0"},
		{Name: "restored: clients return to region01", Kind: "flip", Verdict: result.Pass, Observed: "41.2s", Bound: "<= 45.2s",
			Formula: "send interval 15s + link 200ms + TTL 30s"},
		{Name: "region01-dark: authoritative answers flip to region02", Kind: "flip", Verdict: result.Broken, Observed: "41.7s", Bound: "<= 34.1s",
			Formula: "3 failed checks x 10s + timeout 4s + link 100ms",
			Detail:  "11:41.700 region02/dns still answered " + appName + " with " + vip1 + " (region01), 7.6s after the bound"},
		{Name: "region01-dark: no client goes unanswered", Kind: "unanswered", Verdict: result.Broken, Observed: "37 of 12060", Bound: "= 0",
			Detail: "11:05.002 resolver-007 gave up on " + aliasName + " after 5.002s: region01/dns does not reply\nand 36 more, the last at 11:32.118"},
		{Name: "region01-dark: operator makes no write while the leader is gone", Kind: "writes", Verdict: result.Pass, Observed: "0", Bound: "= 0"},
		{Name: "returned: region01 gets half of the new sessions", Kind: "ratio", Verdict: result.Inconclusive, Observed: "5 of 12", Bound: "50 % +- 5 %",
			Detail: "12 answers are too few to tell 50 % +- 5 % from chance: 385 are needed"},
		{Name: "returned: sites agree on the configuration", Kind: "convergence", Verdict: result.Pass, Observed: "0 differences", Bound: "= 0"},
		{Name: "whole run: the operator settles", Kind: "settles", Verdict: result.Pass, Observed: "2 writes", Bound: "<= 4 writes"},
	}
}

func failoverLadders() []result.Ladder {
	step := func(after float64, what string, bound float64) result.Step {
		s := func(f float64) result.Millis { return ms(time.Duration(f * float64(time.Second))) }
		return result.Step{After: s(after), What: what, Bound: s(bound)}
	}
	return []result.Ladder{
		{After: "vs-disabled begins", At: ms(minute(4)), Steps: []result.Step{
			step(0.012, "region01 sets the virtual service down", 0),
			step(9.71, "region02 hears of it", 15.1),
			step(9.8, "last authoritative answer with region01", 15.2),
			step(38.9, "last client is sent to region01", 45.2),
		}},
		{After: "vs-disabled ends", At: ms(minute(8)), Steps: []result.Step{
			step(0.012, "region01 sets the virtual service up", 0),
			step(11.4, "first authoritative answer with region01", 15.2),
			step(41.2, "last client is sent to region02", 45.2),
		}},
		{After: "region01-dark begins", At: ms(minute(11)), Steps: []result.Step{
			step(5.002, "first client goes unanswered", 0),
			step(26.1, "region02 marks region01 as unreachable", 0),
			step(33.9, "data-plane monitor of region02 marks the member down", 34),
			step(41.7, "last authoritative answer with region01", 34.1),
			step(61.3, "last client is sent to region01", 64.1),
			step(61.3, "last client goes unanswered", 0),
		}},
		{After: "region01-dark ends", At: ms(minute(16)), Steps: []result.Step{
			step(17.2, "data-plane monitor of region02 marks the member up", 24),
			step(17.4, "first authoritative answer with region01", 24.1),
			step(44.8, "last client is sent to region02", 54.1),
		}},
	}
}

// failoverSeries counts the answers of 200 clients that ask once in each bucket, and of their resolvers.
func failoverSeries(bucket time.Duration) []result.Series {
	random := rand.New(rand.NewPCG(1, 2))
	buckets := int(span / bucket)
	rows := func(labels int) [][]int {
		counts := make([][]int, labels)
		for i := range counts {
			counts[i] = make([]int, buckets)
		}
		return counts
	}
	authoritative, client := rows(2), rows(3)
	for b := range buckets {
		at := time.Duration(b) * bucket
		queries := 6 + random.IntN(5)
		one := share(at, 9.8, 11.4, 41.7, 17.4, 0)
		authoritative[0][b] = int(one*float64(queries) + .5)
		authoritative[1][b] = queries - authoritative[0][b]
		clients := 192 + random.IntN(17)
		one = share(at, 9.8, 11.4, 41.7, 17.4, 30)
		if at >= minute(11) && at < minute(11)+65*time.Second {
			client[2][b] = random.IntN(7)
		}
		client[0][b] = int(one * float64(clients-client[2][b]))
		client[1][b] = clients - client[0][b] - client[2][b]
	}
	return []result.Series{
		{Layer: result.LayerAuthoritative, Name: appName, Bucket: ms(bucket), Labels: []string{"region01", "region02"}, Counts: authoritative},
		{Layer: result.LayerClient, Name: appName, Bucket: ms(bucket), Labels: []string{"region01", "region02", result.Unanswered}, Counts: client},
	}
}

// share is the part of the answers that name region01 at an instant. The four delays, in seconds, are those after the
// four changes; ttl spreads each over the time that caches keep the answer before.
func share(at time.Duration, disabled, enabled, dark, back, ttl float64) float64 {
	turn := func(change, delay float64) float64 {
		return min(1, max(0, (at.Seconds()-change*60-delay)/max(ttl, 1)))
	}
	return 1 - turn(4, disabled) + turn(8, enabled) - turn(11, dark) + turn(16, back)
}

func failoverEvents() []result.Event {
	random := rand.New(rand.NewPCG(3, 4))
	var events []result.Event
	add := func(seconds float64, actor, kind, text string) {
		nanos := int64(seconds*1e9) + int64(random.IntN(1_000_000))
		events = append(events, result.Event{At: result.Millis(nanos), Nanos: nanos, Actor: actor, Kind: kind, Text: text})
	}
	add(-70, "scenario", "setup-begins", "3 sites, 3 clusters, 1 GSLB service")
	add(-58.2, "operator/aclab-vks-01", "gslbservice-created", appName+" with 2 members in 2 pools")
	add(-41.7, "region02/controller", "config-received", "version 12 from region01")
	for _, change := range []struct {
		at   float64
		kind string
		text string
	}{
		{240, "fault-begins", "vs-disabled: region01: child virtual service of application01"},
		{480, "fault-ends", "vs-disabled"},
		{660, "fault-begins", "region01-dark: region01"},
		{960, "fault-ends", "region01-dark"},
	} {
		add(change.at, "scenario", change.kind, change.text)
	}
	add(240.012, "region01/controller", "vs-down", "application01--aclab-vks-01 is administratively down")
	add(249.71, "region02/controller", "member-down", vip1+" of "+appName+": control plane")
	add(480.012, "region01/controller", "vs-up", "application01--aclab-vks-01 is up")
	add(491.4, "region02/controller", "member-up", vip1+" of "+appName+": control plane")
	add(686.1, "region02/controller", "site-unreachable", "region01 has sent nothing for 26.1s")
	add(693.9, "region02/se", "member-down", vip1+" of "+appName+": data plane, 3 failed checks")
	add(977.2, "region02/se", "member-up", vip1+" of "+appName+": data plane, 2 successful checks")
	for at := 9.0; at < span.Seconds(); at += 15 {
		add(at+random.Float64(), "region01/controller", "sync", "state of 2 virtual services to region02")
	}
	for i := range 37 {
		add(665+float64(i)*1.45, fmt.Sprintf("resolver-%03d", random.IntN(200)), "gave-up", aliasName+" after 5.002s")
	}
	slices.SortStableFunc(events, func(a, b result.Event) int { return cmp.Compare(a.Nanos, b.Nanos) })
	return events
}

// brief is the failover with few events and wide buckets, so that its golden files are short.
func brief() *result.Result {
	r := failover()
	r.Series = failoverSeries(30 * time.Second)
	r.Events = slices.DeleteFunc(r.Events, func(e result.Event) bool { return e.Kind == "sync" && e.At > ms(minute(1)) })
	return r
}

// kept is the failover with every promise kept.
func kept() *result.Result {
	r := failover()
	r.Verdict = result.Pass
	for i := range r.Promises {
		p := &r.Promises[i]
		switch p.Verdict {
		case result.Broken:
			p.Observed = map[string]string{"flip": "33.2s", "unanswered": "0 of 12060"}[p.Kind]
		case result.Inconclusive:
			p.Observed = "51.2 % of 402"
		}
		p.Verdict, p.Detail = result.Pass, ""
	}
	return r
}

// unjudged is the failover with a broken assumption.
func unjudged() *result.Result {
	r := failover()
	r.Verdict = result.Inconclusive
	r.Reasons = []string{
		"the set-up did not settle: the operator still wrote to region01 at clock zero",
		"resolver-112 sent no query in phase steady",
	}
	for i := range r.Promises {
		if r.Promises[i].Verdict == result.Broken {
			r.Promises[i].Verdict = result.Inconclusive
		}
	}
	return r
}

// crowded is a run with n promises, of which every third is inconclusive and every fifth broken, among many sites, names,
// faults and events.
func crowded(n int) *result.Result {
	r := failover()
	r.Scenario = "twelve-sites-and-a-name-that-is-much-longer-than-anybody-should-ever-give-to-a-scenario-file"
	r.Promises = promises(n)
	r.Sites, r.Faults, r.Services = nil, nil, nil
	random := rand.New(rand.NewPCG(5, 6))
	var labels []string
	counts := make([][]int, 13)
	for i := range 12 {
		site := fmt.Sprintf("region-%02d-%s", i+1, []string{"frankfurt", "sao-paulo", "syd"}[i%3])
		labels = append(labels, site)
		r.Sites = append(r.Sites, result.Site{Name: site, Role: "follower", Controller: fmt.Sprintf("avi-%02d.example.net", i+1),
			DNS: []string{fmt.Sprintf("10.%d.0.53", i+1), fmt.Sprintf("10.%d.1.53", i+1)}, Clusters: []string{site + "-blue", site + "-green"}})
		from := minute(1 + 1.5*float64(i))
		r.Faults = append(r.Faults, result.Fault{Name: fmt.Sprintf("partition of %s from everything else", site), Action: "partition",
			Target: site, Site: site, From: ms(from), To: ms(min(span, from+minute(4)))})
	}
	r.Sites[0].Role = "leader"
	labels = append(labels, result.Unanswered)
	for i := range counts {
		counts[i] = make([]int, int(span/bucket))
		for b := range counts[i] {
			counts[i][b] = random.IntN(30)
			if i == 12 {
				counts[i][b] = max(0, random.IntN(30)-27)
			}
		}
	}
	r.Series = nil
	for _, name := range []string{appName, "shop.gslb.example.net"} {
		for _, layer := range []string{result.LayerAuthoritative, result.LayerClient} {
			r.Series = append(r.Series, result.Series{Layer: layer, Name: name, Bucket: ms(bucket), Labels: labels, Counts: counts})
		}
		s := result.Service{Name: name, TTL: 30, Health: result.HealthSetting{ControlPlane: true, SendInterval: ms(15 * time.Second)}}
		for i, site := range r.Sites {
			s.Members = append(s.Members, result.Member{Address: fmt.Sprintf("10.%d.9.9", i), Site: site.Name, Pool: name + "-10", Priority: 10, Ratio: 1 + i})
		}
		r.Services = append(r.Services, s)
	}
	for i := range 12 {
		l := r.Ladders[i%len(r.Ladders)]
		l.After = fmt.Sprintf("%s begins (%d)", r.Faults[i].Name, i)
		r.Ladders = append(r.Ladders, l)
	}
	for i := range 12_000 {
		nanos := int64(i) * int64(span) / 12_000
		r.Events = append(r.Events, result.Event{At: result.Millis(nanos), Nanos: nanos, Actor: "resolver-" + fmt.Sprint(i%200), Kind: "query",
			Text: appName + " A? " + vip2 + " from cache, 12 s left of the TTL"})
	}
	slices.SortStableFunc(r.Events, func(a, b result.Event) int { return cmp.Compare(a.Nanos, b.Nanos) })
	return r
}

// promises makes n promises of all verdicts.
func promises(n int) []result.Promise {
	list := make([]result.Promise, n)
	for i := range list {
		list[i] = result.Promise{
			Name: fmt.Sprintf("phase-%02d: every client of region%02d is sent to the nearest site that is up", i, i%12), Kind: "flip",
			Verdict: result.Pass, Observed: "33.2s", Bound: "<= 34.1s", Formula: "3 failed checks x 10s + timeout 4s + link 100ms",
		}
		switch {
		case i%5 == 4:
			list[i].Verdict, list[i].Detail = result.Broken, fmt.Sprintf("%d:41.700 region02/dns still answered with %s", i, vip1)
		case i%3 == 2:
			list[i].Verdict, list[i].Detail = result.Inconclusive, "12 answers are too few"
		}
	}
	return list
}

// nothing is a run that ended before anything was observed.
func nothing() *result.Result {
	return &result.Result{
		Scenario: "nothing", Verdict: result.Inconclusive, Reasons: []string{"the set-up did not end within 10m"},
		Repeat: "gslbsim run scenarios/nothing.yaml --seed 7", Seed: 7,
		Series: []result.Series{{Layer: result.LayerClient, Name: appName, Bucket: ms(bucket), Labels: []string{}, Counts: [][]int{}}},
	}
}
