package dns

import (
	"cmp"
	"slices"

	mdns "github.com/miekg/dns"
)

// answerRecords replies from static records or virtual service FQDNs. A
// CNAME answers every type and is not followed: the asking resolver does.
func (q *query) answerRecords(n *recordNode) {
	q.d.Match = MatchRecord
	q.begin(mdns.RcodeSuccess, true)
	if q.qtype == mdns.TypeANY {
		for _, set := range n.sets {
			if set.wildcard || !q.d.Wildcard {
				q.addSet(set)
			}
		}
		return
	}
	set := n.find(q.qtype, q.d.Wildcard)
	if set == nil {
		set = n.find(mdns.TypeCNAME, q.d.Wildcard)
	}
	if set != nil {
		q.addSet(set)
		return
	}
	q.d.Record = n.sets[0].first
	q.missingType(n.find(mdns.TypeA, q.d.Wildcard) != nil)
}

// addSet answers with a set: all of it in configured order, or as many as it
// says, picked by its algorithm.
func (q *query) addSet(set *recordSet) {
	if q.d.Record == nil {
		q.d.Record = set.first
	}
	for _, i := range q.pickValues(set) {
		q.reply.Answer = append(q.reply.Answer, set.named(set.values[i], q.asked))
	}
	if set.rrtype == mdns.TypeNS {
		q.addGlue(set)
	}
}

// pickValues picks indexes of a set's values. Picking by hash uses the
// query's source address: the client subnet switch is one of GSLB services.
func (q *query) pickValues(set *recordSet) []int {
	indexes := make([]int, len(set.values))
	for i := range indexes {
		indexes[i] = i
	}
	if !set.picks() {
		return indexes
	}
	q.d.Algorithm = set.first.Algorithm
	if q.d.Algorithm == ConsistentHash {
		key := clientHash(q.client.Addr, 0)
		slices.SortStableFunc(indexes, func(a, b int) int {
			return cmp.Compare(score(set.hashes[b], key), score(set.hashes[a], key))
		})
	} else {
		q.d.Draw = q.turn(set.turns, len(indexes))
		indexes = slices.Concat(indexes[q.d.Draw.Slot:], indexes[:q.d.Draw.Slot])
	}
	return indexes[:min(set.first.NumIPs, len(indexes))]
}

// refer sends the query on to the servers of a delegated domain: no answer,
// AA not set, the NS records in the authority section and their addresses in
// the additional section.
func (q *query) refer(set *recordSet) {
	q.d.Match, q.d.Record, q.d.Outcome = MatchDelegation, set.first, Referral
	q.begin(mdns.RcodeSuccess, false)
	for _, value := range set.values {
		q.reply.Ns = append(q.reply.Ns, set.named(value, q.d.Owner))
	}
	q.addGlue(set)
}

func (q *query) addGlue(set *recordSet) {
	for _, rr := range set.glue {
		q.reply.Extra = append(q.reply.Extra, mdns.Copy(rr))
	}
}
