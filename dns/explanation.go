package dns

import (
	"net/netip"

	mdns "github.com/miekg/dns"
)

// Explanation is the whole decision behind one answer in plain data: what was
// asked, what the name was found as, every pool and member with its state,
// the algorithm, its draw, and the answer. It refers to nothing of the table.
// String tells it in English; as JSON it is stable in names and order.
type Explanation struct {
	Question Question `json:"question"`
	// Match is nil where the query was in error itself.
	Match *MatchView `json:"match,omitempty"`
	// Service and Pools are set for a name of a GSLB service; Pools are in
	// configured order.
	Service *ServiceView `json:"service,omitempty"`
	Pools   []PoolView   `json:"pools,omitempty"`
	// Choice is set where an algorithm chose.
	Choice *ChoiceView `json:"choice,omitempty"`
	Answer AnswerView  `json:"answer"`
}

// Question is what was asked, by whom.
type Question struct {
	Name   string     `json:"name"` // as asked; empty for a query in error
	Type   string     `json:"type"`
	Client netip.Addr `json:"client"`
	TCP    bool       `json:"tcp,omitempty"`
	// Subnet is the client subnet of the query; SubnetUsed says whether the
	// answer depends on it, Scope on how many of its bits.
	Subnet     string `json:"client_subnet,omitempty"`
	SubnetUsed bool   `json:"client_subnet_used,omitempty"`
	Scope      int    `json:"client_subnet_scope,omitempty"`
	// Class is "private" or "public" where the answer depends on it.
	Class string `json:"client_class,omitempty"`
	// Location is where the client is, if that was looked up and found.
	Location *Location `json:"client_location,omitempty"`
}

// MatchView is what the name was found as.
type MatchView struct {
	// Kind is "GSLB service", "record", "delegation", "zone" or "nothing".
	Kind string `json:"kind"`
	// At is the entry's name; with Wildcard it is a suffix of the name asked.
	At       string `json:"at,omitempty"`
	Wildcard bool   `json:"wildcard,omitempty"`
	// Object is the GSLB service's name, or the owner of a record.
	Object string `json:"object,omitempty"`
	// Origin of a record: "static record" or "virtual service".
	Origin string `json:"origin,omitempty"`
	// Zone is the authoritative domain the name is in.
	Zone string `json:"zone,omitempty"`
}

// ServiceView is a GSLB service as the answer saw it, defaults resolved.
type ServiceView struct {
	Name          string `json:"name"`
	UUID          string `json:"uuid"`
	Enabled       bool   `json:"enabled"`
	PoolAlgorithm string `json:"pool_algorithm"`
	TTL           uint32 `json:"ttl"`         // seconds
	NumIPs        int    `json:"num_dns_ip"`  // 0: all
	MinMembers    int    `json:"min_members"` // 0: off
	DownResponse  string `json:"down_response"`
}

// PoolView is a pool as the answer saw it.
type PoolView struct {
	Name      string `json:"name"`
	Priority  int    `json:"priority"`
	Algorithm string `json:"algorithm"`
	Enabled   bool   `json:"enabled"`
	// Usable counts the members that are enabled and up.
	Usable int `json:"usable"`
	// Chosen: its members took part in the choice. Why says in a few words
	// why, or why not.
	Chosen  bool         `json:"chosen"`
	Why     string       `json:"why"`
	Members []MemberView `json:"members"`
}

// MemberView is a member as the answer saw it.
type MemberView struct {
	// Name is what it is answered with: an address or an FQDN.
	Name    string `json:"name"`
	Site    string `json:"site,omitempty"`
	Ratio   int    `json:"ratio"` // the effective one
	Enabled bool   `json:"enabled"`
	Up      bool   `json:"up"`
	// Answered: it is in the answer.
	Answered bool `json:"answered"`
	// Note is for who knows more, such as why a member is down.
	Note string `json:"note,omitempty"`
}

// ChoiceView is how members were chosen.
type ChoiceView struct {
	TopologyRule string `json:"topology_rule,omitempty"`
	Site         string `json:"topology_site,omitempty"`
	Algorithm    string `json:"algorithm"`
	// FallbackUsed: the pool's own algorithm could not decide.
	FallbackUsed bool    `json:"fallback_used,omitempty"`
	DistanceKm   float64 `json:"distance_km,omitempty"`
	// PoolTurn is the turn among equal pools, MemberTurn that of weighted
	// round robin.
	PoolTurn   *TurnView `json:"pool_turn,omitempty"`
	MemberTurn *TurnView `json:"member_turn,omitempty"`
}

// TurnView is one turn of a round robin.
type TurnView struct {
	Slot int `json:"slot"` // from 1
	Of   int `json:"of"`
}

// AnswerView is what was sent.
type AnswerView struct {
	Outcome string `json:"outcome"`
	// Drop says why nothing was sent.
	Drop  string `json:"drop,omitempty"`
	Rcode string `json:"rcode,omitempty"`
	// DownResponse is set where the service is down.
	DownResponse string `json:"down_response,omitempty"`
	Truncated    bool   `json:"truncated,omitempty"`
	// Records of the answer section, and of the authority section where that
	// one is empty, in presentation format.
	Records []string `json:"records,omitempty"`
}

// Explanation puts the decision into plain data. reply is the message that
// came with it, or nil.
func (d Decision) Explanation(reply *mdns.Msg) Explanation {
	e := Explanation{Question: d.question(), Answer: d.answer(reply)}
	if d.Name != "" {
		e.Match = d.match()
	}
	if d.entry == nil {
		return e
	}
	s := d.entry
	e.Service = &ServiceView{
		Name: s.svc.Name, UUID: s.svc.UUID, Enabled: s.svc.Enabled, PoolAlgorithm: s.svc.PoolAlgorithm.String(),
		TTL: s.ttl, NumIPs: s.numIPs, MinMembers: s.svc.MinMembers, DownResponse: s.svc.Down.Type.String(),
	}
	for _, r := range d.PoolReports() {
		e.Pools = append(e.Pools, d.poolView(r))
	}
	if len(d.Pools) > 0 {
		e.Choice = d.choice()
	}
	return e
}

func (d *Decision) question() Question {
	q := Question{Client: d.Client.Addr, TCP: d.Client.TCP, Name: d.Name, SubnetUsed: d.ECSUsed, Scope: d.Scope}
	if d.Name != "" {
		q.Type = mdns.Type(d.Type).String()
	}
	if d.ECS.IsValid() {
		q.Subnet = d.ECS.String()
	}
	if d.ClientClass != UnsortedClient {
		q.Class = d.ClientClass.String()
	}
	if d.Located {
		loc := d.Location
		q.Location = &loc
	}
	return q
}

func (d *Decision) match() *MatchView {
	m := &MatchView{Kind: d.Match.String(), At: d.Owner, Wildcard: d.Wildcard, Zone: d.Zone}
	switch {
	case d.Service != nil:
		m.Object = d.Service.Name
	case d.Record != nil:
		m.Object, m.Origin = d.Record.Owner, d.Record.Origin.String()
	}
	return m
}

func (d *Decision) poolView(r PoolReport) PoolView {
	p := PoolView{
		Name: r.Pool.Name, Priority: r.Pool.Priority, Algorithm: r.Pool.Algorithm.String(), Enabled: r.Pool.Enabled,
		Usable: r.Usable, Chosen: r.Chosen, Why: r.Why,
	}
	for i := range r.Pool.Members {
		m := &r.Pool.Members[i]
		v := MemberView{
			Name: m.label(d.ClientClass), Site: m.Site, Ratio: m.weight(), Enabled: m.Enabled, Up: m.Up,
		}
		for _, answered := range d.Members {
			v.Answered = v.Answered || answered == m
		}
		p.Members = append(p.Members, v)
	}
	return p
}

func (d *Decision) choice() *ChoiceView {
	c := &ChoiceView{
		TopologyRule: d.TopologyRule, Site: d.Site, Algorithm: d.Algorithm.String(), FallbackUsed: d.FallbackUsed,
		PoolTurn: d.PoolDraw.view(), MemberTurn: d.Draw.view(),
	}
	if d.Algorithm == Geo {
		c.DistanceKm = roundKm(d.DistanceKm)
	}
	return c
}

func (d Draw) view() *TurnView {
	if d.Slots == 0 {
		return nil
	}
	return &TurnView{Slot: d.Slot + 1, Of: d.Slots}
}

func (d *Decision) answer(reply *mdns.Msg) AnswerView {
	a := AnswerView{Outcome: d.Outcome.String(), Truncated: d.Truncated}
	if d.DownUsed {
		a.DownResponse = d.Down.String()
	}
	switch d.Outcome {
	case Dropped:
		a.Drop = d.Drop.String()
	case PassedThrough:
	default:
		a.Rcode = rcodeName(d.Rcode)
	}
	if reply == nil {
		return a
	}
	section := reply.Answer
	if len(section) == 0 {
		section = reply.Ns
	}
	for _, rr := range section {
		a.Records = append(a.Records, recordText(rr))
	}
	return a
}
