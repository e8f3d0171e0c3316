package config_test

import (
	"fmt"

	"github.com/gslbsim/gslbsim/fakeavi/config"
)

func ExampleReadGslb() {
	g := config.ReadGslb(map[string]any{
		"leader_cluster_uuid": "cluster-1", "dns_configs": []any{map[string]any{"domain_name": "gslb.example"}},
		"sites": []any{map[string]any{"name": "frankfurt", "cluster_uuid": "cluster-1", "member_type": "GSLB_ACTIVE_MEMBER"}},
	})
	site, _ := g.Site("cluster-1")
	fmt.Println(site.Name, "leads:", g.Leader == site.Cluster)
	fmt.Println("contacts every", g.SendInterval)
	fmt.Println("shop.gslb.example is allowed:", g.InDomains("shop.gslb.example"))
	// Output:
	// frankfurt leads: true
	// contacts every 15s
	// shop.gslb.example is allowed: true
}
