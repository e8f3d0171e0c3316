package server

import (
	"encoding/binary"
	"net/netip"
	"sync/atomic"
	"time"
)

// RateLimit bounds the replies over UDP to one client network, so that a
// forged source address gets no flood of them. Clients that come over TCP or
// have shown a valid cookie are not limited.
type RateLimit struct {
	// PerSecond is how many replies a network of 24 bits (IPv6: 56) gets in a
	// second; 0 turns limiting off. At most 65,535.
	PerSecond int
	// Slip answers every Slip-th query above the limit with an empty reply
	// that has TC set, so that a real client comes back over TCP; 0 answers
	// none. The reply is no longer than the query.
	Slip int
}

const (
	limitBits4 = 24
	limitBits6 = 56
	// limitBuckets bounds the networks that are counted at a time. Networks
	// that share a bucket take it from each other: neither is limited harder
	// than alone.
	limitBuckets = 1 << 16
	maxPerSecond = 1<<16 - 1
)

// limiter counts the replies of this second per client network. It is safe
// for concurrent use.
type limiter struct {
	RateLimit
	// buckets hold the network's tag (24 bits), the second (16 bits) and the
	// number of queries in it (24 bits).
	buckets []atomic.Uint64
	hash    cookieJar
	slips   atomic.Uint64
}

// treatment is what the limiter wants done with a query.
type treatment uint8

const (
	serveIt treatment = iota
	dropIt
	slipIt
)

// newLimiter returns nil where there is no limit. With a secret nobody can
// know which networks share a bucket.
func newLimiter(limit RateLimit, secret *CookieSecret) *limiter {
	if limit.PerSecond == 0 {
		return nil
	}
	l := &limiter{RateLimit: limit, buckets: make([]atomic.Uint64, limitBuckets)}
	if secret != nil {
		l.hash = *newCookieJar(secret)
	}
	return l
}

const (
	countBits  = 24
	secondBits = 16
	countMask  = 1<<countBits - 1
	secondMask = 1<<secondBits - 1
)

// admit counts a query of a client and says what to do with it.
func (l *limiter) admit(client netip.Addr, now time.Time) treatment {
	key := l.network(client)
	bucket := &l.buckets[key%limitBuckets]
	tag, second := key>>40, uint64(now.Unix())&secondMask
	for {
		old := bucket.Load()
		count := uint64(1)
		if old>>(countBits+secondBits) == tag && old>>countBits&secondMask == second {
			count = min(old&countMask+1, countMask)
		}
		if !bucket.CompareAndSwap(old, tag<<(countBits+secondBits)|second<<countBits|count) {
			continue
		}
		switch {
		case count <= uint64(l.PerSecond):
			return serveIt
		case l.Slip > 0 && l.slips.Add(1)%uint64(l.Slip) == 0:
			return slipIt
		default:
			return dropIt
		}
	}
}

// network hashes the client's network.
func (l *limiter) network(client netip.Addr) uint64 {
	width := limitBits4
	if client.Is6() {
		width = limitBits6
	}
	prefix, err := client.Prefix(width)
	if err != nil {
		return 0
	}
	b := prefix.Addr().As16()
	return siphash(l.hash.k0, l.hash.k1, b[:])
}

// slip makes the reply to a query above the limit: header and question of
// the query with TC set. It is nil where the query has no plain question.
func slip(query, buf []byte) []byte {
	const headerSize = 12
	if len(query) < headerSize+5 || query[2]&0xf8 != 0 || binary.BigEndian.Uint16(query[4:]) != 1 {
		return nil
	}
	at := headerSize
	for query[at] != 0 {
		if query[at] > 63 {
			return nil
		}
		if at += 1 + int(query[at]); at >= len(query) {
			return nil
		}
	}
	if at += 5; at > len(query) {
		return nil
	}
	reply := append(buf[:0], query[:at]...)
	reply[2], reply[3] = 0x82|query[2]&0x01, 0 // QR, TC, RD as asked
	clear(reply[6:headerSize])
	return reply
}
