package server

import (
	"fmt"
	"net/netip"
	"runtime"
	"time"

	"github.com/gslbsim/gslbsim/dns/querylog"
)

// Config says where a Server listens and what it allows. Zero values mean
// the defaults named with each field.
type Config struct {
	// Addresses to listen on, UDP and TCP each. Port 0 lets the system
	// choose; UDP and TCP then have the same port. At least one.
	Addresses []netip.AddrPort
	// Workers is how many UDP sockets and goroutines serve each address,
	// 1-256; default is GOMAXPROCS. More than one needs SO_REUSEPORT, so on
	// systems other than Linux there is always one.
	Workers int
	// ReceiveBuffer is the size in bytes that the system is asked for, for
	// each UDP socket; default 4 MiB. The system may give less.
	ReceiveBuffer int

	// Cookies is the secret of DNS cookies (RFC 7873); nil turns them off.
	Cookies *CookieSecret
	// QueryLog is told of the queries and their answers; nil: nobody is. It
	// is the caller's to close, after Shutdown.
	QueryLog *querylog.Stream
	// RateLimit bounds replies over UDP per client network; off by default.
	RateLimit RateLimit

	// TCPConnections bounds the TCP connections that are open at a time,
	// of all addresses; default 1000. Further ones are closed at once.
	TCPConnections int
	// TCPConnectionsPerClient bounds those of one client address; default
	// 50.
	TCPConnectionsPerClient int
	// TCPQueries bounds the queries of one connection, which is closed
	// after so many; default 10,000.
	TCPQueries int
	// TCPIdle is how long a connection may be without a complete query;
	// default 10 s (RFC 7766 section 6.2.3 asks for seconds).
	TCPIdle time.Duration
	// TCPWrite is how long a client may take to accept a reply; default 5 s.
	TCPWrite time.Duration
}

// Bounds which are not configurable.
const (
	// MaxQuerySize is the longest query in bytes. Longer datagrams are
	// dropped, and a TCP connection which announces a longer one is closed:
	// the longest question with a full set of EDNS options is far shorter.
	MaxQuerySize = 4096
	maxWorkers   = 256
)

// ConfigError is a setting that is out of range.
type ConfigError struct {
	Field string // of Config: "Workers", "RateLimit.PerSecond"
	Value any
	Use   string // what is in range
}

// Error implements error.
func (e *ConfigError) Error() string {
	return fmt.Sprintf("dns server: %s is %v: use %s", e.Field, e.Value, e.Use)
}

// withDefaults checks the configuration and fills in what is not set.
func (c Config) withDefaults() (Config, error) {
	if len(c.Addresses) == 0 {
		return c, fmt.Errorf("dns server: no address to listen on: give at least one, such as 127.0.0.1:5353")
	}
	for _, number := range []struct {
		name       string
		value      *int
		otherwise  int
		upperBound int
	}{
		{"Workers", &c.Workers, runtime.GOMAXPROCS(0), maxWorkers},
		{"ReceiveBuffer", &c.ReceiveBuffer, 4 << 20, 1 << 30},
		{"TCPConnections", &c.TCPConnections, 1000, 1 << 20},
		{"TCPConnectionsPerClient", &c.TCPConnectionsPerClient, 50, 1 << 20},
		{"TCPQueries", &c.TCPQueries, 10_000, 1 << 30},
	} {
		if *number.value == 0 {
			*number.value = min(number.otherwise, number.upperBound)
		}
		if *number.value < 0 || *number.value > number.upperBound {
			return c, &ConfigError{number.name, *number.value, fmt.Sprintf("1-%d", number.upperBound)}
		}
	}
	if n := c.RateLimit.PerSecond; n < 0 || n > maxPerSecond {
		return c, &ConfigError{"RateLimit.PerSecond", n, fmt.Sprintf("1-%d, or 0 for no limit", maxPerSecond)}
	}
	if c.RateLimit.Slip < 0 {
		return c, &ConfigError{"RateLimit.Slip", c.RateLimit.Slip, "1 or more, or 0 for none"}
	}
	for _, wait := range []struct {
		name      string
		value     *time.Duration
		otherwise time.Duration
	}{
		{"TCPIdle", &c.TCPIdle, 10 * time.Second},
		{"TCPWrite", &c.TCPWrite, 5 * time.Second},
	} {
		if *wait.value == 0 {
			*wait.value = wait.otherwise
		}
		if *wait.value < 0 {
			return c, &ConfigError{wait.name, *wait.value, "a duration above zero"}
		}
	}
	return c, nil
}
