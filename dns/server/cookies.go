package server

import (
	"crypto/subtle"
	"encoding/binary"
	"math/bits"
	"net/netip"
	"time"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
)

// CookieSecret is the key of server cookies. Servers that answer at one
// address must share it, and it should be changed every few weeks (RFC 9018
// section 5).
type CookieSecret [16]byte

// Bounds of a server cookie's age (RFC 9018 section 4.3).
const (
	cookieLifetime = time.Hour
	cookieAhead    = 5 * time.Minute
	// cookieRenewal is the age at which a client gets a fresh one.
	cookieRenewal = 30 * time.Minute
)

// cookieJar makes and checks server cookies (RFC 7873, RFC 9018).
type cookieJar struct {
	k0, k1 uint64
}

func newCookieJar(secret *CookieSecret) *cookieJar {
	if secret == nil {
		return nil
	}
	return &cookieJar{k0: binary.LittleEndian.Uint64(secret[:8]), k1: binary.LittleEndian.Uint64(secret[8:])}
}

// exchange looks at the cookie option of a query. It returns the cookie for
// the reply, and whether the client has proved that it owns its address.
// Queries without the option get none.
func (j *cookieJar) exchange(query []byte, client netip.Addr, now time.Time) (reply dns.Cookie, proved bool) {
	option, found := findCookie(query)
	if j == nil || !found {
		return dns.Cookie{}, false
	}
	if n := len(option); n != 8 && (n < 16 || n > 40) {
		return dns.MalformedCookie, false
	}
	var server [16]byte
	if len(option) == 24 {
		server = [16]byte(option[8:])
		var age time.Duration
		if age, proved = j.check([8]byte(option), server, client, now); proved && age < cookieRenewal {
			return dns.NewCookie([8]byte(option), server), true
		}
	}
	return dns.NewCookie([8]byte(option), j.bake([8]byte(option), client, uint32(now.Unix()))), proved
}

// bake makes a server cookie of version 1: version, three reserved bytes,
// time, and a hash over client cookie, those and the client's address.
func (j *cookieJar) bake(clientCookie [8]byte, client netip.Addr, at uint32) (cookie [16]byte) {
	cookie[0] = 1
	binary.BigEndian.PutUint32(cookie[4:], at)
	var message [32]byte
	copy(message[:], clientCookie[:])
	copy(message[8:], cookie[:8])
	n := 16
	if client.Is4() {
		b := client.As4()
		n += copy(message[n:], b[:])
	} else {
		b := client.As16()
		n += copy(message[n:], b[:])
	}
	binary.LittleEndian.PutUint64(cookie[8:], siphash(j.k0, j.k1, message[:n]))
	return cookie
}

// check tells whether a server cookie is one of ours that still holds, and
// how old it is.
func (j *cookieJar) check(clientCookie [8]byte, cookie [16]byte, client netip.Addr, now time.Time) (age time.Duration, ok bool) {
	at := binary.BigEndian.Uint32(cookie[4:])
	// Serial number arithmetic, as the field wraps in 2106.
	age = time.Duration(int32(uint32(now.Unix())-at)) * time.Second
	if cookie[0] != 1 || age > cookieLifetime || age < -cookieAhead {
		return 0, false
	}
	want := j.bake(clientCookie, client, at)
	return age, subtle.ConstantTimeCompare(want[:], cookie[:]) == 1
}

// findCookie finds the cookie option of a query with at most one question and
// an OPT record as the only other one, which is how clients send it; in other
// messages it is taken as absent.
func findCookie(query []byte) (option []byte, found bool) {
	const headerSize, optFixedSize = 12, 11
	if len(query) < headerSize+optFixedSize || binary.BigEndian.Uint64(query[4:])&^(1<<48) != 1 {
		return nil, false
	}
	at := headerSize
	if query[5] == 1 {
		for query[at] != 0 {
			at += 1 + int(query[at])
			if at >= len(query) {
				return nil, false
			}
		}
		at += 5 // the root label, type and class
	}
	if at+optFixedSize > len(query) || query[at] != 0 || binary.BigEndian.Uint16(query[at+1:]) != mdns.TypeOPT {
		return nil, false
	}
	rest := query[at+optFixedSize:]
	if int(binary.BigEndian.Uint16(query[at+9:])) != len(rest) {
		return nil, false
	}
	for len(rest) >= 4 {
		code, size := binary.BigEndian.Uint16(rest), int(binary.BigEndian.Uint16(rest[2:]))
		rest = rest[4:]
		if size > len(rest) {
			return nil, false
		}
		if code == mdns.EDNS0COOKIE {
			return rest[:size], true
		}
		rest = rest[size:]
	}
	return nil, false
}

// siphash is SipHash-2-4 with an output of 64 bits (Aumasson and Bernstein,
// 2012), which RFC 9018 prescribes.
func siphash(k0, k1 uint64, message []byte) uint64 {
	v0, v1, v2, v3 := k0^0x736f6d6570736575, k1^0x646f72616e646f6d, k0^0x6c7967656e657261, k1^0x7465646279746573
	round := func() {
		v0 += v1
		v2 += v3
		v1 = bits.RotateLeft64(v1, 13) ^ v0
		v3 = bits.RotateLeft64(v3, 16) ^ v2
		v0 = bits.RotateLeft64(v0, 32)
		v2 += v1
		v0 += v3
		v1 = bits.RotateLeft64(v1, 17) ^ v2
		v3 = bits.RotateLeft64(v3, 21) ^ v0
		v2 = bits.RotateLeft64(v2, 32)
	}
	last := uint64(len(message)) << 56
	for ; len(message) >= 8; message = message[8:] {
		word := binary.LittleEndian.Uint64(message)
		v3 ^= word
		round()
		round()
		v0 ^= word
	}
	for i, b := range message {
		last |= uint64(b) << (8 * i)
	}
	v3 ^= last
	round()
	round()
	v0 ^= last
	v2 ^= 0xff
	for range 4 {
		round()
	}
	return v0 ^ v1 ^ v2 ^ v3
}
