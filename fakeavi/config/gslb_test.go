package config_test

import (
	"net/netip"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/fakeavi/config"
)

func TestReadGslbDefaults(t *testing.T) {
	d := newDB(t)
	g := d.federation(nil)
	d.g.Expect(g.SendInterval).To(Equal(15 * time.Second))
	d.g.Expect(g.AsyncInterval).To(BeZero())
	d.g.Expect(g.ErrorResync).To(Equal(300 * time.Second))
	d.g.Expect(g.ClearAfter).To(Equal(20))
	d.g.Expect(g.Maintenance).To(BeFalse())
	d.g.Expect(g.Clients).To(BeNil())
	d.g.Expect(g.LeaderChange).To(Equal(config.LeaderChange{ProbeInterval: 30 * time.Second, MaxProbes: 15}))
	a, ok := g.Site("cluster-a")
	d.g.Expect(ok).To(BeTrue())
	d.g.Expect(a).To(Equal(config.Site{
		Name: "a", Cluster: "cluster-a", Addrs: []netip.Addr{netip.MustParseAddr("10.0.0.1")}, Username: "u", Password: "p",
		Active: true, Enabled: true, Ratio: 3, Location: &dns.Location{Latitude: 50.1, Longitude: 8.7, Name: "Germany"},
	}))
	b, _ := g.Site("cluster-b")
	d.g.Expect(b.Active || b.Enabled).To(BeFalse())
	_, ok = g.Site("cluster-t")
	d.g.Expect(ok).To(BeFalse())
	d.g.Expect(g.Third).To(Equal([]config.ThirdPartySite{{Name: "t", Cluster: "tp_cluster-t", Enabled: true, FromGeoDB: true}}))
}

func TestReadGslbSettings(t *testing.T) {
	d := newDB(t)
	g := d.federation(obj{
		"send_interval": 5, "async_interval": 2, "error_resync_interval": 0, "clear_on_max_retries": 7, "view_id": 4,
		"maintenance_mode": true, "enable_config_by_members": true, "short_probe_interval": 9,
		"replication_policy": obj{"replication_mode": "REPLICATION_MODE_MANUAL", "checkpoint_uuid": "cp"},
		"leader_change_info": obj{
			"leader_change_mode": "GSLB_LC_MODE_AUTO", "max_unsuccessful_probes": 3,
			"leader_candidates": []any{obj{"cluster_id": "cluster-b"}},
		},
		"client_ip_addr_group": obj{
			"type": "GSLB_IP_PRIVATE", "addrs": []any{ip("192.0.2.1")},
			"prefixes": []any{obj{"ip_addr": ip("10.0.0.0"), "mask": 8}},
			"ranges":   []any{obj{"begin": ip("172.16.0.2"), "end": ip("172.16.0.5")}},
		},
		"sites": []any{
			site("a", obj{"suspend_mode": true, "dns_vses": []any{obj{"dns_vs_uuid": "vs-1", "domain_names": []any{"x.example"}}}}),
			site("b", obj{"replication_policy": obj{"replication_mode": "REPLICATION_MODE_CONTINUOUS"}}),
		},
	})
	d.g.Expect(g.SendInterval).To(Equal(5 * time.Second))
	d.g.Expect(g.AsyncInterval).To(Equal(2 * time.Second))
	d.g.Expect(g.ErrorResync).To(BeZero())
	d.g.Expect(g.ClearAfter).To(Equal(7))
	d.g.Expect(g.ViewID).To(BeEquivalentTo(4))
	d.g.Expect(g.Maintenance && g.ConfigByMembers).To(BeTrue())
	d.g.Expect(g.LeaderChange).To(Equal(config.LeaderChange{Auto: true, Candidate: "cluster-b", ProbeInterval: 9 * time.Second, MaxProbes: 3}))
	d.g.Expect(g.Clients.Kind).To(Equal(dns.ListsPrivate))
	var prefixes []string
	for _, p := range g.Clients.Prefixes {
		prefixes = append(prefixes, p.String())
	}
	d.g.Expect(prefixes).To(Equal([]string{"192.0.2.1/32", "10.0.0.0/8", "172.16.0.2/31", "172.16.0.4/31"}))
	d.g.Expect(g.Sites[0].Suspended).To(BeTrue())
	d.g.Expect(g.Sites[0].Placements).To(Equal([]config.Placement{{DNS: "vs-1", Domains: []string{"x.example"}}}))
	d.g.Expect(g.Sites[0].Replication).To(Equal(config.Replication{Manual: true, Checkpoint: "cp"}))
	d.g.Expect(g.Sites[1].Replication).To(Equal(config.Replication{}))
}

func TestInDomains(t *testing.T) {
	g := config.Gslb{Domains: []string{"GSLB.example.", ".other.example"}}
	for fqdn, want := range map[string]bool{
		"app.gslb.example": true, "APP.gslb.EXAMPLE.": true, "gslb.example": true, "xgslb.example": false,
		"a.b.other.example": true, "example": false, "": false,
	} {
		NewWithT(t).Expect(g.InDomains(fqdn)).To(Equal(want), fqdn)
	}
	none := config.Gslb{}
	NewWithT(t).Expect(none.InDomains("anything")).To(BeTrue())
}
