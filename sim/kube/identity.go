package kube

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"k8s.io/apimachinery/pkg/types"

	"github.com/gslbsim/gslbsim/sim/kube/internal/store"
)

// identities derives uids and generated names, which a real server draws at random, from what they stand for. They do not
// depend on what else is written, so that one more object changes nobody else's identity.
//
// It is not safe for concurrent use: it is asked inside of the store's transactions.
type identities struct {
	cluster string
	// lives counts the objects that have been removed under a name; generated the names made from a prefix.
	lives, generated counter
}

// identityLimit bounds what a counter remembers.
const identityLimit = 1 << 16

// counter counts keys. When it is full it forgets all of them and counts in another epoch, so that no pair of epoch and
// count comes twice for a key.
type counter struct {
	epoch  int
	counts map[string]int
}

func (c *counter) get(key string) (epoch, count int) { return c.epoch, c.counts[key] }

func (c *counter) add(key string) {
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	if len(c.counts) >= identityLimit {
		clear(c.counts)
		c.epoch++
	}
	c.counts[key]++
}

func (i *identities) hash(what string, epoch, count int) [sha256.Size]byte {
	return sha256.Sum256([]byte(fmt.Sprintf("%q %s %d %d", i.cluster, what, epoch, count)))
}

// uid returns the uid of an object that is about to be created.
func (i *identities) uid(v *version, namespace, name string) types.UID {
	key := lifeKey(v, namespace, name)
	epoch, count := i.lives.get(key)
	sum := i.hash("uid "+key, epoch, count)
	sum[6] = sum[6]&0x0f | 0x50 // version 5: from a hash of a name
	sum[8] = sum[8]&0x3f | 0x80
	h := hex.EncodeToString(sum[:16])
	return types.UID(h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:])
}

// removed makes the next object of that name another one.
func (i *identities) removed(v *version, namespace, name string) {
	i.lives.add(lifeKey(v, namespace, name))
}

func lifeKey(v *version, namespace, name string) string {
	return v.GroupResource.String() + " " + namespace + "/" + name
}

const (
	// The letters and lengths of the names that a real server generates.
	suffixLetters   = "bcdfghjklmnpqrstvwxz2456789"
	suffixLength    = 5
	generatedLength = 63 - suffixLength
)

// name returns a name with a prefix that no object of the namespace has.
func (i *identities) name(tx *store.Tx, v *version, namespace, prefix string) string {
	if len(prefix) > generatedLength {
		prefix = prefix[:generatedLength]
	}
	key := lifeKey(v, namespace, prefix)
	for {
		i.generated.add(key)
		epoch, count := i.generated.get(key)
		sum := i.hash("name "+key, epoch, count)
		suffix := make([]byte, suffixLength)
		for k := range suffix {
			suffix[k] = suffixLetters[int(sum[k])%len(suffixLetters)]
		}
		name := prefix + string(suffix)
		if taken, _ := tx.Get(v.table, namespace, name); taken == nil {
			return name
		}
	}
}
