package dns

import (
	"net/netip"
	"slices"
)

// scratch is memory that a Worker uses again for each query. The methods of a
// nil scratch allocate.
type scratch struct {
	chosen []*Member
	marks  []bool
	order  []int
	// answered are the addresses a reply holds.
	answered []netip.Addr
}

// members is an empty slice with room for n members.
func (s *scratch) members(n int) []*Member {
	if s == nil {
		return make([]*Member, 0, n)
	}
	s.chosen = slices.Grow(s.chosen[:0], n)
	return s.chosen[:0:n]
}

// flags are n flags that are not set.
func (s *scratch) flags(n int) []bool {
	if s == nil {
		return make([]bool, n)
	}
	s.marks = slices.Grow(s.marks[:0], n)[:n]
	clear(s.marks)
	return s.marks
}

// indexes is a slice of n numbers of any value.
func (s *scratch) indexes(n int) []int {
	if s == nil {
		return make([]int, n)
	}
	s.order = slices.Grow(s.order[:0], n)[:n]
	return s.order
}
