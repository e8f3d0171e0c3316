package resolver

import (
	"net/netip"
	"time"
)

// Config sets a resolver up. Zero values mean the defaults given in brackets.
type Config struct {
	// Name begins the keys of the resolver's timers; give each resolver on a
	// scheduler its own.
	Name string
	// Stubs says where to start: zones, "." for the root, and the addresses
	// of their servers. The deepest one that holds a name is used, unless a
	// deeper delegation is known.
	Stubs map[string][]netip.Addr

	// ClientSubnet tells servers the network of the client (RFC 7871), its
	// first 24 bits or 56 of IPv6, and keeps answers apart by the scope they
	// come with [off].
	ClientSubnet bool
	// Address stands for clients whose address is not known, for the
	// resolver itself too. Required with ClientSubnet.
	Address netip.Addr

	// MinTTL raises [0] and MaxTTL cuts [24 h] how long records are kept.
	MinTTL time.Duration
	MaxTTL time.Duration
	// MaxNegativeTTL cuts how long the absence of records is kept [1 h]. It
	// is the SOA's TTL or minimum, whichever is less (RFC 2308); without an
	// SOA it is not kept at all.
	MaxNegativeTTL time.Duration
	// FailureTTL is how long a failed resolution is remembered and not tried
	// again (RFC 9520) [5 s].
	FailureTTL time.Duration
	// ServeStale lets expired records be used when servers do not answer.
	ServeStale ServeStale

	// TryTimeout is how long one server may take [800 ms], TotalTimeout how
	// long a question may take [10 s].
	TryTimeout   time.Duration
	TotalTimeout time.Duration
	// Selection says how servers of a zone are chosen [SelectBand].
	Selection Selection
	// ReprobeInterval is after how long SelectBand tries a server again that
	// fell out of the band [15 min].
	ReprobeInterval time.Duration

	// CacheLimit is how many sets of records, or of their absence, are kept
	// [100,000]; the least recently used give way.
	CacheLimit int
	// InFlightLimit is how many different questions [10,000], and how many
	// callers for each, may wait at a time. More fail at once.
	InFlightLimit int
}

// ServeStale is the use of expired records (RFC 8767).
type ServeStale struct {
	// MaxAge is for how long after their expiry records may still be used;
	// 0 turns serving stale off.
	MaxAge time.Duration
	// AnswerTTL is the TTL of stale records in answers [30 s].
	AnswerTTL time.Duration
	// ClientTimeout is after how long a caller gets stale records while
	// resolution goes on [1.8 s].
	ClientTimeout time.Duration
}

// Selection is how a server is chosen among those of a zone.
type Selection uint8

const (
	// SelectBand draws evenly among the servers whose round-trip time is
	// within 400 ms of the best, as unbound does. A timeout doubles a
	// server's time; a server out of the band is tried again after
	// ReprobeInterval.
	SelectBand Selection = iota
	// SelectFastest takes the lowest smoothed round-trip time, as BIND does.
	// Unknown servers come first; a timeout adds 200 ms; with every use of
	// another server a server's time shrinks by 2 %, which brings it up again
	// eventually.
	SelectFastest
)

// Limits of one resolution.
const (
	maxQueries       = 32 // sent for one question, not counting name server addresses
	maxReferrals     = 30
	maxAliases       = 16
	maxTriesPerHost  = 3
	maxNestedLookups = 4 // resolving name servers' names for name servers' names
	maxHostLookups   = 5 // name servers' names looked up for one zone
	maxZoneServers   = 32
	maxKnownServers  = 10000
	maxSetsPerName   = 1000 // kept in the cache, for types and client networks; the oldest give way
)

func (c Config) withDefaults() Config {
	orDuration(&c.MaxTTL, 24*time.Hour)
	orDuration(&c.MaxNegativeTTL, time.Hour)
	orDuration(&c.FailureTTL, 5*time.Second)
	orDuration(&c.ServeStale.AnswerTTL, 30*time.Second)
	orDuration(&c.ServeStale.ClientTimeout, 1800*time.Millisecond)
	orDuration(&c.TryTimeout, 800*time.Millisecond)
	orDuration(&c.TotalTimeout, 10*time.Second)
	orDuration(&c.ReprobeInterval, 15*time.Minute)
	if c.CacheLimit <= 0 {
		c.CacheLimit = 100_000
	}
	if c.InFlightLimit <= 0 {
		c.InFlightLimit = 10_000
	}
	return c
}

// Patience is how long a question may go on failing after a server has
// become able to answer it: one resolution that began before, and the memory
// of its failure.
func (c Config) Patience() time.Duration {
	c = c.withDefaults()
	return c.TotalTimeout + c.FailureTTL
}

func orDuration(d *time.Duration, standard time.Duration) {
	if *d <= 0 {
		*d = standard
	}
}
