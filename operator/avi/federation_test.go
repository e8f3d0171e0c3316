package avi_test

import (
	"context"
	"fmt"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/avi"
	"github.com/gslbsim/gslbsim/operator/internal/avitest"
)

// federation returns controllers a, b and c, led as leaders says: who each takes for the leader.
func federation(leaders map[string]string) map[string]*avitest.Controller {
	all := map[string]*avitest.Controller{}
	for name, leader := range leaders {
		all[name] = avitest.New()
		all[name].Set(func(s *avitest.Settings) {
			s.Self, s.Leader = "cluster-"+name, "cluster-"+leader
			for _, site := range []string{"a", "b", "c"} {
				s.Sites = append(s.Sites, avitest.Site{Name: "site-" + site, Cluster: "cluster-" + site, Address: site})
			}
			s.ThirdParty = []string{"tp2", "tp1"}
		})
	}
	return all
}

func ExampleFindLeader() {
	sites := federation(map[string]string{"a": "b", "b": "b", "c": "b"})
	client, view, err := avi.FindLeader(context.Background(), avi.Config{
		Username: "admin", Password: "secret", Transport: avitest.NewHosts(sites),
	}, []string{"a"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	site, _ := view.LeaderSite()
	fmt.Println(client.Address(), site.Name, view.ThirdParty)
	// Output: b site-b [tp1 tp2]
}

func TestFindLeader(t *testing.T) {
	tests := map[string]struct {
		leaders   map[string]string // of the controllers that can be reached
		addresses []string
		want      string
		kind      avi.Kind
		problem   string
	}{
		"the first leads":              {map[string]string{"a": "a", "b": "a"}, []string{"a"}, "a", 0, ""},
		"the first names the leader":   {map[string]string{"a": "c", "c": "c"}, []string{"a"}, "c", 0, ""},
		"the first is down":            {map[string]string{"b": "b"}, []string{"a", "b", "c"}, "b", 0, ""},
		"a follower names a dead one":  {map[string]string{"b": "a", "c": "a"}, []string{"a", "b", "c"}, "", avi.Unreachable, "site site-a leads"},
		"all are down":                 {nil, []string{"a", "b"}, "", avi.Unreachable, "b: GET api/cluster: dial tcp b"},
		"nobody is asked":              {nil, nil, "", avi.Refused, "no leader found"},
		"two name one another":         {map[string]string{"a": "b", "b": "a"}, []string{"a"}, "", avi.NotLeader, "a: "},
		"the leader changed meanwhile": {map[string]string{"a": "b", "b": "c", "c": "c"}, []string{"a"}, "c", 0, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			config := avi.Config{Username: "admin", Password: "secret", Transport: avitest.NewHosts(federation(tt.leaders))}
			client, view, err := avi.FindLeader(t.Context(), config, tt.addresses)
			if tt.want == "" {
				g.Expect(err).To(MatchError(ContainSubstring(tt.problem)))
				g.Expect(avi.KindOf(err)).To(Equal(tt.kind))
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(client.Address()).To(Equal(tt.want))
			g.Expect(view.Leads()).To(BeTrue())
		})
	}
}

// TestAFormerLeaderThatCameBackIsNotFollowed has two controllers that lead, in views of different age.
//
// Shows: avi-former-leader
func TestAFormerLeaderThatCameBackIsNotFollowed(t *testing.T) {
	tests := map[string]struct {
		views map[string]uint64 // of controllers that lead
		want  string
	}{
		"moved while the first was away": {map[string]uint64{"a": 1, "b": 2}, "b"},
		"moved on":                       {map[string]uint64{"a": 1, "b": 2, "c": 3}, "c"},
		"the first is the newest":        {map[string]uint64{"a": 3, "b": 2}, "a"},
		"nobody knows":                   {map[string]uint64{"a": 1, "b": 1}, "a"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			leaders := map[string]string{"a": "a", "b": "a", "c": "a"}
			for name := range tt.views {
				leaders[name] = name
			}
			controllers := federation(leaders)
			for name, view := range tt.views {
				controllers[name].Set(func(s *avitest.Settings) { s.View = view })
			}
			config := avi.Config{Username: "admin", Password: "secret", Transport: avitest.NewHosts(controllers)}
			client, view, err := avi.FindLeader(t.Context(), config, []string{"a"})
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(client.Address()).To(Equal(tt.want))
			g.Expect(view.Self).To(Equal("cluster-" + tt.want))
		})
	}
}

func TestAControllerWithoutGSLBSaysSo(t *testing.T) {
	g := NewWithT(t)
	controller, client := connect(g)
	controller.OnRequest(func(r avitest.Request) *avitest.Fault {
		if r.Path == "gslb" {
			return &avitest.Fault{Status: 200, Raw: `{"count":0,"results":[]}`}
		}
		return nil
	})
	_, err := client.Federation(t.Context())
	g.Expect(err).To(MatchError(ContainSubstring("controller a has no GSLB configuration")))
}
