package store

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

// nameCounter remembers how often an object of a name was deleted, so that its successor gets another uuid. When it has too many
// names it forgets them all and starts another epoch, which makes all later uuids differ from those before.
type nameCounter struct {
	limit  int
	epoch  uint32
	counts map[string]uint32
}

func nameKey(typ, tenant, name string) string { return typ + "\x00" + tenant + "\x00" + name }

func (n *nameCounter) deleted(o *Object) {
	key := nameKey(o.Type, o.Tenant, o.Name)
	if _, ok := n.counts[key]; !ok && len(n.counts) >= n.limit {
		n.counts = map[string]uint32{}
		n.epoch++
	}
	n.counts[key]++
}

// newUUID derives the uuid of a new object from its name and the number of its predecessors. The caller holds s.writing.
func (s *Store) newUUID(typ, tenant, name string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	ordinal := s.names.counts[nameKey(typ, tenant, name)]
	for {
		uuid := s.DeriveUUID(typ, tenant, name, strconv.Itoa(int(ordinal)), strconv.Itoa(int(s.names.epoch)))
		if _, taken := s.objects[uuid]; !taken {
			return uuid
		}
		ordinal++
	}
}

// DeriveUUID returns "<prefix>-<uuid>", where the uuid is a hash of the store's namespace and the parts, in the form of a random
// (version 4) one. Equal arguments give equal results.
func (s *Store) DeriveUUID(prefix string, parts ...string) string {
	sum := sha256.Sum256([]byte(s.namespace + "\x00" + prefix + "\x00" + strings.Join(parts, "\x00")))
	sum[6] = sum[6]&0x0f | 0x40
	sum[8] = sum[8]&0x3f | 0x80
	h := hex.EncodeToString(sum[:16])
	return prefix + "-" + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
