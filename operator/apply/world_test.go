package apply_test

import (
	"net/netip"
	"slices"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/avi"
	"github.com/gslbsim/gslbsim/operator/internal/avitest"
	"github.com/gslbsim/gslbsim/operator/model"
	"github.com/gslbsim/gslbsim/operator/plan"
)

const (
	mark = "amko-11111111-2222-3333-4444-555555555555"
	fqdn = "shop.example.com"
)

var owner = plan.Owner{CreatedBy: mark, Clusters: map[string]bool{"east": true, "west": true}}

// connect returns a controller and a client of it.
func connect(g Gomega) (*avitest.Controller, *avi.Client) {
	c := avitest.New()
	client, err := avi.New(avi.Config{
		Address: "a", Username: "admin", Password: "secret",
		Transport: avitest.NewHosts(map[string]*avitest.Controller{"a": c}),
	})
	g.Expect(err).NotTo(HaveOccurred())
	return c, client
}

// read is the inventory that an operator reads when it starts.
func read(g Gomega, c *avi.Client) *plan.Inventory {
	inventory := plan.NewInventory(owner)
	services, _, err := c.Services(ctx, mark, plan.LegacyCreatedBy)
	g.Expect(err).NotTo(HaveOccurred())
	for _, s := range services {
		inventory.AddService(s)
	}
	monitors, _, err := c.Monitors(ctx)
	g.Expect(err).NotTo(HaveOccurred())
	for _, m := range monitors {
		inventory.AddMonitor(m)
	}
	return inventory
}

// service is a service of the default tenant with a member for each ratio, and monitors for paths.
func service(tls bool, paths []string, ratios ...uint32) model.Wanted {
	key := model.Key{Tenant: "admin", Name: fqdn}
	w := model.Wanted{Service: model.Service{Key: key, CreatedBy: mark, DomainNames: []string{fqdn}}}
	pool := model.Pool{Priority: 10, Algorithm: model.RoundRobin, MinMonitorsUp: 2}
	for i, ratio := range ratios {
		pool.Members = append(pool.Members, model.Member{VIP: netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)}), Ratio: ratio})
		w.Service.Sources = append(w.Service.Sources, model.Source{
			Kind: model.Ingress, Cluster: []string{"east", "west"}[i%2], Namespace: "web", Name: "shop", Host: fqdn,
		})
	}
	w.Service.Pools = []model.Pool{pool}
	for _, path := range paths {
		w = attach(w, model.PathMonitor(key, mark, path, tls))
	}
	return w
}

func attach(w model.Wanted, m model.Monitor) model.Wanted {
	w.Monitors = append(w.Monitors, m)
	w.Service.Monitors = append(w.Service.Monitors, m.Key.Name)
	slices.Sort(w.Service.Monitors)
	return w
}

// portService is a service of layer-4 members.
func portService(probe model.Probe, port uint32) model.Wanted {
	w := service(false, nil, 1)
	return attach(w, model.PortMonitor(w.Service.Key, mark, probe, port))
}
