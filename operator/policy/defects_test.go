package policy_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/ingest"
	"github.com/gslbsim/gslbsim/operator/model"
	"github.com/gslbsim/gslbsim/operator/policy"
)

// The defects of AMKO 2.2.1 that the meaning of policies has to get right, by their number in the project's list.

// Shows: B10
func TestB10_ThirdPartyMembersDoNotChooseTheMonitor(t *testing.T) {
	const thirdParty = "thirdPartyMembers: [{site: cdn, vip: 10.9.0.1}, {site: dr, vip: 10.9.0.2}]"
	for name, tt := range map[string]struct {
		member candidate
		want   string
	}{
		"Service":     {layer4(model.ProbeUDP, 53), "UDP:53 up 2"},
		"Ingress":     {paths("/a"), "HTTP:80 /a up 2"},
		"TLS":         {tls, "HTTPS:443 / up 2"},
		"passthrough": {passthrough, "TCP:443 up 2"},
	} {
		s := newStage(t)
		s.ingress("east", "10.1.0.1", tt.member)
		s.ingress("west", "10.2.0.1", tt.member)
		s.rule(thirdParty)
		s.g.Expect(s.monitors()).To(Equal(tt.want), name)
		s.index.ForgetCluster("west")
		s.g.Expect(s.monitors()).To(Equal(tt.want), "%s, after a member went", name)
	}
}

// Shows: B11
func TestB11_CustomMonitorsStayWhenAMemberGoes(t *testing.T) {
	s := newStage(t)
	s.ingress("east", "10.1.0.1")
	s.ingress("west", "10.2.0.1", paths("/a"))
	s.rule("healthMonitorRefs: [mine]")
	s.g.Expect(s.monitors()).To(Equal("mine up 2"))
	s.index.ForgetCluster("west")
	s.g.Expect(s.monitors()).To(Equal("mine up 2"))
	s.g.Expect(s.wanted()[0].Monitors).To(BeEmpty())
}

// Shows: B13
func TestB13_ManyThirdPartyMembersGoAtOnce(t *testing.T) {
	s := newStage(t)
	s.ingress("east", "10.1.0.1")
	var members []string
	for i := range 9 {
		members = append(members, fmt.Sprintf("{site: cdn, vip: 10.9.0.%d}", i+1))
	}
	s.rule("thirdPartyMembers: [" + strings.Join(members, ", ") + "]")
	s.g.Expect(s.service().Members()).To(HaveLen(10))
	s.rule("thirdPartyMembers: [{site: dr, vip: 10.9.0.5}]")
	s.g.Expect(s.pools()).To(Equal("admin 10:10.1.0.1*1 1:10.9.0.5*1"))
	s.rule("")
	s.g.Expect(s.pools()).To(Equal("admin 10:10.1.0.1*1"))
}

// Shows: B14, persistence
func TestB14_PersistenceFollowsTheServiceNotTheLastObject(t *testing.T) {
	s := newStage(t)
	s.policy("sitePersistenceRef: sticky\npkiProfileRef: ca")
	s.ingress("east", "10.1.0.1", tls)
	s.g.Expect(s.service().Persistence).To(Equal("sticky"))
	s.ingress("west", "10.2.0.1")
	s.g.Expect(s.service().Persistence).To(Equal("sticky"), "a member without TLS does not end it")
	s.g.Expect(s.service().PKI).To(Equal("ca"))
	s.ingress("east", "10.1.0.1")
	s.g.Expect(s.service().Persistence+s.service().PKI).To(BeEmpty(), "it goes with TLS")
	s.ingress("west", "10.2.0.1", tls)
	s.g.Expect(s.service().Persistence).To(Equal("sticky"), "whichever object has it")
}

// Shows: B16
func TestB16_ARuleForAServiceWithoutMembersIsHarmless(t *testing.T) {
	s := newStage(t)
	s.rule("ttl: 7\ntrafficSplit: [{cluster: east, weight: 3}]\npublicIP: [{cluster: east, ip: 192.0.2.1}]")
	s.g.Expect(s.wanted()).To(BeEmpty())
	s.g.Expect(s.book.FQDNs()).To(BeEmpty())
	s.ingress("east", "10.1.0.1")
	s.g.Expect(s.pools()).To(Equal("admin 1:10.1.0.1*3(192.0.2.1)"))
	s.index.ForgetCluster("east")
	s.g.Expect(s.wanted()).To(BeEmpty())
}

// Shows: B17
func TestB17_PoolsHaveOneOrderAndOneNumberOfMonitors(t *testing.T) {
	s := newStage(t)
	s.policy("healthMonitorRefs: [mine, yours]\ntrafficSplit: [{cluster: east, priority: 3}, {cluster: west, priority: 40}]")
	s.ingress("east", "10.1.0.1")
	s.ingress("west", "10.2.0.1")
	s.rule("thirdPartyMembers: [{site: cdn, vip: 10.9.0.1}]")
	for range 50 {
		s.g.Expect(s.pools()).To(Equal("admin 40:10.2.0.1*1 3:10.1.0.1*1 1:10.9.0.1*1"))
		s.g.Expect(s.monitors()).To(Equal("mine, yours up 3"))
	}
}

// Shows: B29, status-policy, status-rule
func TestB29_PrioritiesAreZeroToHundredEverywhere(t *testing.T) {
	s := newStage(t)
	for priority, fine := range map[int]bool{-1: false, 0: true, 100: true, 101: false} {
		split := fmt.Sprintf("trafficSplit: [{cluster: east, priority: %d}]", priority)
		s.policy(split)
		_, err := policy.CompileGlobal(s.gdp, "admin", s.cat)
		_, ruleErr := policy.CompileRule(s.ghr("r", "fqdn: a\n"+split), "admin", s.cat)
		if fine {
			s.g.Expect(err).NotTo(HaveOccurred())
			s.g.Expect(ruleErr).NotTo(HaveOccurred())
			continue
		}
		s.g.Expect(err).To(MatchError(fmt.Sprintf("priority %d must be between 0 and 100", priority)))
		s.g.Expect(ruleErr).To(MatchError(fmt.Sprintf("priority %d must be between 0 and 100 for r GSLBHostRule", priority)))
	}
}

// Shows: B30, better-monitor-limit
func TestB30_OfManyPathsTheSixShallowestAreProbed(t *testing.T) {
	s := newStage(t)
	s.ingress("east", "10.1.0.1", paths("/a/b/c", "/z", "/a/b", "/y", "/x"))
	s.ingress("west", "10.2.0.1", paths("/w", "/a/b/d", "/", "/z"))
	s.g.Expect(s.monitors()).To(Equal("HTTP:80 /, HTTP:80 /a/b, HTTP:80 /w, HTTP:80 /x, HTTP:80 /y, HTTP:80 /z up 2"))
}

// asked is a snapshot that notes whether the same question ever gets another answer, and hands out copies that a policy may
// change as it likes.
type asked struct {
	*ingest.Index
	answers map[string]string
	differ  bool
}

func (a *asked) note(question string, answer any) {
	text := fmt.Sprintf("%#v", answer)
	if first, ok := a.answers[question]; ok && first != text {
		a.differ = true
	}
	a.answers[question] = text
}

func (a *asked) Candidates(fqdn string) []ingest.Candidate {
	out := a.Index.Candidates(fqdn)
	a.note("candidates "+fqdn, lines(out))
	return out
}

func (a *asked) Aliases(fqdn string) []string {
	out := a.Index.Aliases(fqdn)
	a.note("aliases "+fqdn, out)
	return out
}

func (a *asked) Claimants(alias string) []string {
	out := a.Index.Claimants(alias)
	a.note("claimants "+alias, out)
	return out
}

func (a *asked) Namespace(cluster, name string) ingest.Namespace {
	out := a.Index.Namespace(cluster, name)
	a.note("namespace "+cluster+"/"+name, out)
	return out
}

func lines(candidates []ingest.Candidate) (out []string) {
	for _, c := range candidates {
		out = append(out, fmt.Sprint(c.Source, c.VIP, c.TLS, c.Paths, c.Port))
	}
	return out
}

// Whatever objects came in whatever order, a service is the same, each time it is asked for; and no part of the snapshot is
// read twice with different results.
//
// Shows: own-once
func TestAServiceIsAFunctionOfTheSnapshot(t *testing.T) {
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 3))
		s := newStage(t)
		s.policy("ttl: 5\ntrafficSplit: [{cluster: west, priority: 20}]")
		s.rule("thirdPartyMembers: [{site: cdn, vip: 10.9.0.1}, {site: dr, vip: 10.1.0.2}]\nhealthMonitorTemplate: tmpl")
		var steps []func(*ingest.Index)
		for i := range 12 {
			cluster, name := []string{"east", "west"}[random.IntN(2)], fmt.Sprint("o", i)
			vip, path, secure := fmt.Sprintf("10.1.0.%d", 1+random.IntN(4)), fmt.Sprint("/", random.IntN(9)), random.IntN(2) == 0
			steps = append(steps, func(x *ingest.Index) {
				on := &stage{t: t, g: s.g, index: x}
				on.ingress(cluster, vip, named(name), paths(path), func(c *ingest.Candidate) { c.TLS = secure })
			}, func(x *ingest.Index) {
				x.SetHostRule(cluster, "web", name, &ingest.HostRule{Cluster: cluster, Namespace: "web", Name: name, FQDN: shop, Aliases: []string{name, "x"}})
			})
		}
		var first string
		for range 5 {
			random.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
			snapshot := &asked{Index: ingest.NewIndex(false), answers: map[string]string{}}
			for _, step := range steps {
				step(snapshot.Index)
			}
			text := bodies(s.compiled().Desired(shop, snapshot))
			s.g.Expect(bodies(s.compiled().Desired(shop, snapshot))).To(Equal(text))
			s.g.Expect(snapshot.differ).To(BeFalse())
			if first == "" {
				first = text
			}
			s.g.Expect(text).To(Equal(first), "seed %d", seed)
		}
	}
}

// bodies is what would be written.
func bodies(all []model.Wanted) string {
	var out strings.Builder
	for _, w := range all {
		out.Write(w.Service.Body())
		for _, m := range w.Monitors {
			out.Write(m.Body())
		}
	}
	return out.String()
}
