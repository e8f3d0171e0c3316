package dns

import (
	"cmp"
	"slices"
	"strings"

	mdns "github.com/miekg/dns"
)

// Row is one line of a DNS table listing, with the columns of the product's
// "show virtualservice dnstable".
type Row struct {
	FQDN string // without the final dot
	TTL  uint32 // seconds
	// NumIPs is how many addresses a reply holds, 0 for all.
	NumIPs int
	// Addresses are the addresses, names or other data of all members or
	// values, each with "site:" in front where the site is known.
	Addresses []string
	// Service is the GSLB service's name, or the owner of a record.
	Service string
	Tenant  string
}

// Rows lists the table, sorted by FQDN, then by what it holds.
func (t *Table) Rows() []Row {
	var rows []Row
	for name, entry := range t.names.all() {
		rows = append(rows, entry.row(name))
	}
	for name, node := range t.records {
		for _, set := range node.sets {
			rows = append(rows, set.row(name))
		}
	}
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(
			cmp.Compare(a.FQDN, b.FQDN),
			cmp.Compare(a.Service, b.Service),
			slices.Compare(a.Addresses, b.Addresses),
		)
	})
	return rows
}

func (e *serviceEntry) row(name string) Row {
	r := Row{
		FQDN: strings.TrimSuffix(name, "."), TTL: e.ttl, NumIPs: e.numIPs, Service: e.svc.Name, Tenant: e.svc.Tenant,
	}
	for i := range e.svc.Pools {
		for j := range e.svc.Pools[i].Members {
			m := &e.svc.Pools[i].Members[j]
			label := m.label(PrivateClient)
			if m.Site != "" {
				label = m.Site + ":" + label
			}
			r.Addresses = append(r.Addresses, label)
		}
	}
	return r
}

func (s *recordSet) row(name string) Row {
	r := Row{FQDN: strings.TrimSuffix(name, "."), TTL: s.ttl, NumIPs: s.first.NumIPs, Service: s.first.Owner}
	for _, value := range s.values {
		data := value.String()[len(value.Header().String()):]
		if s.rrtype != mdns.TypeA && s.rrtype != mdns.TypeAAAA {
			data = mdns.TypeToString[s.rrtype] + " " + data
		}
		r.Addresses = append(r.Addresses, data)
	}
	return r
}
