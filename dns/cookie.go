package dns

import (
	"encoding/hex"

	mdns "github.com/miekg/dns"
)

// maxCookie is the longest cookie option in bytes that a Cookie holds: client
// cookie and a server cookie of 16 bytes.
const maxCookie = 24

// Cookie is the content of a COOKIE option (RFC 7873) that a server wants in
// its reply. Making and checking cookies needs a secret and a clock, so that
// servers do it; the zero Cookie means none.
type Cookie struct {
	size uint8
	data [maxCookie]byte
}

// MalformedCookie stands for an option in the query that is no cookie: the
// query is in error (RFC 7873 section 5.2.2).
var MalformedCookie = Cookie{size: 0xff}

// NewCookie returns the cookie for a reply: the client's 8 bytes and the
// server's.
func NewCookie(client [8]byte, server [16]byte) Cookie {
	c := Cookie{size: maxCookie}
	copy(c.data[:], client[:])
	copy(c.data[len(client):], server[:])
	return c
}

func (c *Cookie) malformed() bool { return c.size > maxCookie }

// bytes is the option's content, none for a zero or malformed Cookie.
func (c *Cookie) bytes() []byte {
	if c.malformed() {
		return nil
	}
	return c.data[:c.size]
}

// option is the cookie as an option, nil if there is none.
func (c *Cookie) option() mdns.EDNS0 {
	if len(c.bytes()) == 0 {
		return nil
	}
	return &mdns.EDNS0_COOKIE{Code: mdns.EDNS0COOKIE, Cookie: hex.EncodeToString(c.bytes())}
}
