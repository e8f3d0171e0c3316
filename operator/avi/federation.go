package avi

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gslbsim/gslbsim/operator/model"
)

// Federation is the GSLB configuration as one controller sees it.
type Federation struct {
	// Self is the uuid of the controller asked, Leader that of the one it takes for the leader.
	Self   string
	Leader string
	// View tells views of the federation apart after it was split; the higher one is newer.
	View uint64
	// Maintenance says that changes are refused everywhere.
	Maintenance bool
	Sites       []Site
	// ThirdParty are the names of the third-party sites, sorted.
	ThirdParty []string
}

// Site is an Avi site.
type Site struct {
	Name    string
	Cluster string
	// Addresses are the addresses of its controller, each fit for Config.Address.
	Addresses []string
	// Active sites hold the GSLB configuration, and can lead.
	Active  bool
	Enabled bool
}

// Leads says whether the controller asked leads, as it sees it.
func (f Federation) Leads() bool { return f.Leader != "" && f.Self == f.Leader }

// LeaderSite returns the site that leads.
func (f Federation) LeaderSite() (Site, bool) {
	i := slices.IndexFunc(f.Sites, func(s Site) bool { return s.Cluster == f.Leader })
	if i < 0 {
		return Site{}, false
	}
	return f.Sites[i], true
}

// NotLeaderError says that the controller asked does not lead, and who does.
func (f Federation) NotLeaderError() *Error {
	leader := "no known site"
	if site, ok := f.LeaderSite(); ok {
		leader = "site " + site.Name
	}
	return &Error{
		Kind: NotLeader, Verb: http.MethodGet, URI: "api/gslb", Status: http.StatusOK,
		Message: leader + " leads the GSLB configuration",
	}
}

// Federation asks the controller for its view of the GSLB configuration.
func (c *Client) Federation(ctx context.Context) (Federation, error) {
	var cluster struct{ UUID string }
	if err := c.decode(ctx, adminTenant, "cluster", nil, &cluster); err != nil {
		return Federation{}, err
	}
	var list struct{ Results []gslb }
	if err := c.decode(ctx, adminTenant, "gslb", nil, &list); err != nil {
		return Federation{}, err
	}
	if cluster.UUID == "" || len(list.Results) == 0 {
		return Federation{}, &Error{
			Kind: Garbled, Verb: http.MethodGet, URI: "api/gslb", Status: http.StatusOK,
			Message: "controller " + c.config.Address + " has no GSLB configuration; set up GSLB there, or correct controllerIP",
		}
	}
	return list.Results[0].federation(cluster.UUID), nil
}

// ParseFederation reads a Gslb object; self is the uuid of the controller whose view it is.
func ParseFederation(body []byte, self string) (Federation, error) {
	var g gslb
	if err := json.Unmarshal(body, &g); err != nil {
		return Federation{}, fmt.Errorf("the Gslb object cannot be read: %w", err)
	}
	return g.federation(self), nil
}

const adminTenant = "admin"

// gslb is what counts of a Gslb object.
type gslb struct {
	LeaderCluster string `json:"leader_cluster_uuid"`
	View          uint64 `json:"view_id"`
	Maintenance   bool   `json:"maintenance_mode"`
	Sites         []struct {
		Name        string
		Cluster     string `json:"cluster_uuid"`
		MemberType  string `json:"member_type"`
		Enabled     *bool
		Port        *int
		Address     string
		IPAddresses []struct{ Addr string } `json:"ip_addresses"`
	}
	ThirdParty []struct{ Name string } `json:"third_party_sites"`
}

func (g gslb) federation(self string) Federation {
	f := Federation{Self: self, Leader: g.LeaderCluster, View: g.View, Maintenance: g.Maintenance}
	for _, s := range g.Sites {
		site := Site{
			Name: s.Name, Cluster: s.Cluster, Active: s.MemberType == "GSLB_ACTIVE_MEMBER",
			Enabled: s.Enabled == nil || *s.Enabled,
		}
		for _, ip := range s.IPAddresses {
			site.Addresses = appendAddress(site.Addresses, ip.Addr, s.Port)
		}
		if len(site.Addresses) == 0 {
			site.Addresses = appendAddress(nil, s.Address, s.Port)
		}
		f.Sites = append(f.Sites, site)
	}
	for _, s := range g.ThirdParty {
		f.ThirdParty = append(f.ThirdParty, s.Name)
	}
	slices.Sort(f.ThirdParty)
	return f
}

func appendAddress(list []string, host string, port *int) []string {
	switch {
	case host == "":
		return list
	case port != nil && *port != 443:
		return append(list, net.JoinHostPort(host, strconv.Itoa(*port)))
	}
	return append(list, host)
}

// FindLeader returns a client of the controller that leads, and its view. It asks the addresses in order; one that says
// that another leads is followed there. Each address is asked once. Then it looks for a Usurper. The error names what every
// address said.
func FindLeader(ctx context.Context, config Config, addresses []string) (*Client, Federation, error) {
	var problems []string
	var first error
	queue, asked := slices.Clone(addresses), map[string]bool{}
	for len(queue) > 0 {
		address := queue[0]
		queue = queue[1:]
		if address == "" || asked[address] {
			continue
		}
		asked[address] = true
		config.Address = address
		client, view, err := Connect(ctx, config)
		switch {
		case err == nil && view.Leads():
			if other, newer, ok := Usurper(ctx, config, view, slices.DeleteFunc(slices.Clone(addresses), func(a string) bool { return asked[a] })); ok {
				client.Close()
				return other, newer, nil
			}
			return client, view, nil
		case err == nil:
			client.Close()
			err = view.NotLeaderError()
			if site, ok := view.LeaderSite(); ok {
				queue = append(slices.Clone(site.Addresses), queue...)
			}
		}
		if first == nil {
			first = err
		}
		problems = append(problems, address+": "+err.Error())
	}
	return nil, Federation{}, &Error{
		Kind: kindOr(first, Refused), Verb: http.MethodGet, URI: "api/gslb", Message: "no leader found: " + strings.Join(problems, "; "),
		cause: first,
	}
}

// usurperTimeout bounds the look for a Usurper: sites that are away must not hold up the rest.
const usurperTimeout = 5 * time.Second

// Usurper looks for a controller that leads in a newer view of the federation than the leader whose view is given. There is
// one if the leadership was moved while the former leader was away, and that one came back and has not been told. It asks the
// other active sites of the view, and the addresses, all at the same time, for at most five seconds; ok is false if none of
// them leads in a newer view.
func Usurper(ctx context.Context, config Config, leader Federation, addresses []string) (client *Client, view Federation, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, usurperTimeout)
	defer cancel()
	addresses = slices.Clone(addresses)
	for _, site := range leader.Sites {
		if site.Active && site.Enabled && site.Cluster != leader.Self {
			addresses = append(addresses, site.Addresses...)
		}
	}
	slices.Sort(addresses)
	addresses = slices.Compact(addresses)
	clients, views := make([]*Client, len(addresses)), make([]Federation, len(addresses))
	var all sync.WaitGroup
	for i, address := range addresses {
		to := config
		to.Address = address
		all.Go(func() {
			if c, v, err := Connect(ctx, to); err == nil {
				clients[i], views[i] = c, v
			}
		})
	}
	all.Wait()
	best := leader
	for i, c := range clients {
		switch {
		case c == nil:
			continue
		case !views[i].Leads() || views[i].Self == best.Self || !views[i].newer(best):
			c.Close()
			continue
		case client != nil:
			client.Close()
		}
		client, best, ok = c, views[i], true
	}
	return client, best, ok
}

// newer says whether a view of the federation came after another one. That each move of the leadership raises view_id is
// UNCONFIRMED; the documentation has it only that the id tells the groups of a split federation apart, and that the former
// leader is to be given the new leader's.
func (f Federation) newer(than Federation) bool { return f.View > than.View }

// Connect returns a client of one controller, and its view of the GSLB configuration, whether it leads or not.
func Connect(ctx context.Context, config Config) (*Client, Federation, error) {
	client, err := New(config)
	if err != nil {
		return nil, Federation{}, err
	}
	view, err := client.Federation(ctx)
	if err != nil {
		client.Close()
		return nil, Federation{}, err
	}
	return client, view, nil
}

func kindOr(err error, otherwise Kind) Kind {
	if kind := KindOf(err); kind != 0 {
		return kind
	}
	return otherwise
}

func tenantOf(object json.RawMessage) string {
	var o struct {
		TenantRef string `json:"tenant_ref"`
	}
	if json.Unmarshal(object, &o) != nil {
		return ""
	}
	return model.ParseRef(o.TenantRef).Name
}
