package live

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi"
	"github.com/gslbsim/gslbsim/fakeavi/probe"
)

// Config describes the controllers of a program. The zero Config is one controller that leads a GSLB of its own.
type Config struct {
	// Controllers, the first one is the GSLB leader; one named avi if there are none. At most 16.
	Controllers []Controller
	// Username and Password are the administrator's of all controllers: admin and gslbsim if empty.
	Username, Password string
	// Domains are the subdomains of the GSLB; gslb.example if empty.
	Domains []string
	// SendInterval is how often sites contact one another, 1 s to 3600 s; the product's default (15 s) if 0.
	SendInterval time.Duration
	// Standalone leaves the controllers without a GSLB, for programs that form one themselves.
	Standalone bool
	// Health is how targets of health checks answer that are neither VIPs of the controllers nor in Script.
	Health probe.Verdict
	// Script says how single targets answer.
	Script map[netip.Addr]probe.Verdict
	// Seed of session ids, tokens and faults; with 0, session ids and tokens are random.
	Seed uint64
	// Admin is where the admin endpoint listens, a loopback address; none if not valid.
	Admin netip.AddrPort
	// Data is a folder that keeps every acknowledged write through a crash of the program; empty: nothing is kept.
	Data string
	// Load is what the controllers start with, unless Data holds something; may be nil.
	Load *State
	// Warn is told what an operator should know, a line without a newline each; may be nil. It may be called from any
	// goroutine.
	Warn func(line string)
}

// Controller describes a controller and its site.
type Controller struct {
	// Name of the controller and of its site. Required.
	Name string
	// Listen is where the REST API is served, port 0 for a free one. Required.
	Listen netip.AddrPort
	// Certificate is the server's; self-signed and made at the start if nil.
	Certificate *tls.Certificate
	// Address is the controller's in the GSLB, where no packet is sent; Listen's address if not valid, or one of 198.18.0.0/16
	// where several controllers listen at one address.
	Address netip.Addr
	// Version of the software, the schema's if empty.
	Version string
	// Passive sites hold no DNS virtual service and get no configuration.
	Passive bool
	// DNS are the DNS virtual services; one named dns if nil, none if empty.
	DNS []fakeavi.DNSConfig
	// DNSListen is where DNS virtual services answer on sockets, over UDP and TCP, by their names; those that are not in it
	// answer inside of the process only. Port 0 takes a free one.
	DNSListen map[string]netip.AddrPort
	// Network is where VIPs are allocated from; none if its prefix is not valid.
	Network fakeavi.NetworkConfig
}

const controllersMax = 16

// DefaultUsername is the administrator's name where none is configured.
const DefaultUsername = "admin"

// DefaultPassword is the administrator's password where none is configured.
const DefaultPassword = "gslbsim"

// DefaultDomain is the GSLB's subdomain where none is configured.
const DefaultDomain = "gslb.example"

// Default returns the Config of a single controller that leads a GSLB of its own, at an address of the API's choice.
func Default(listen netip.AddrPort) Config {
	return Config{Controllers: []Controller{{Name: "avi", Listen: listen}}}
}

// complete fills in defaults and refuses what cannot work.
func (cfg *Config) complete() error {
	if len(cfg.Controllers) == 0 {
		cfg.Controllers = Default(netip.MustParseAddrPort("127.0.0.1:0")).Controllers
	}
	if len(cfg.Controllers) > controllersMax {
		return fmt.Errorf("%d controllers are too many: at most %d", len(cfg.Controllers), controllersMax)
	}
	if cfg.Username == "" {
		cfg.Username = DefaultUsername
	}
	if cfg.Password == "" {
		cfg.Password = DefaultPassword
	}
	if len(cfg.Domains) == 0 {
		cfg.Domains = []string{DefaultDomain}
	}
	if cfg.Warn == nil {
		cfg.Warn = func(string) {}
	}
	if cfg.Admin.IsValid() && !cfg.Admin.Addr().IsLoopback() {
		return fmt.Errorf("the admin endpoint asks nobody for a password: %s is not a loopback address", cfg.Admin)
	}
	cfg.Controllers = slices.Clone(cfg.Controllers)
	for i := range cfg.Controllers {
		if err := cfg.completeController(i); err != nil {
			return err
		}
	}
	return cfg.checkAddresses()
}

func (cfg *Config) completeController(i int) error {
	c := &cfg.Controllers[i]
	switch {
	case c.Name == "":
		return fmt.Errorf("controller %d has no name", i+1)
	case !c.Listen.IsValid():
		return fmt.Errorf("controller %s: no address to listen at", c.Name)
	}
	for _, other := range cfg.Controllers[:i] {
		switch {
		case other.Name == c.Name:
			return fmt.Errorf("two controllers are named %s", c.Name)
		case other.Listen == c.Listen && c.Listen.Port() != 0:
			return fmt.Errorf("controllers %s and %s both listen at %s", other.Name, c.Name, c.Listen)
		}
	}
	if !c.Address.IsValid() {
		c.Address = cfg.addressOf(i)
	}
	if c.DNS == nil && !c.Passive {
		c.DNS = []fakeavi.DNSConfig{{Name: "dns", VIP: backstage(i, 53)}}
	}
	return nil
}

// backstage returns an address of a controller's own network, in the range for benchmarks (RFC 2544), where nothing real
// lives.
func backstage(i int, host byte) netip.Addr {
	return netip.AddrFrom4([4]byte{198, 18, byte(i + 1), host})
}

// addressOf returns where a controller listens if no other one does, else an address of its own network.
func (cfg *Config) addressOf(i int) netip.Addr {
	at := cfg.Controllers[i].Listen.Addr()
	for j, other := range cfg.Controllers {
		if j != i && other.Listen.Addr() == at {
			return backstage(i, 1)
		}
	}
	return at
}

// engineAddr is where health checks and messages of a controller's engine come from.
func engineAddr(i int) netip.Addr { return backstage(i, 2) }

func (cfg *Config) checkAddresses() error {
	seen := map[netip.Addr]string{}
	for i, c := range cfg.Controllers {
		for _, a := range []netip.Addr{c.Address, engineAddr(i)} {
			if other, taken := seen[a]; taken {
				return fmt.Errorf("controllers %s and %s both have address %s", other, c.Name, a)
			}
			seen[a] = c.Name
		}
		if len(c.DNS) > 0 && c.Passive {
			return fmt.Errorf("controller %s: a passive site has no DNS virtual services", c.Name)
		}
	}
	if cfg.Controllers[0].Passive && !cfg.Standalone {
		return errors.New("the first controller leads the GSLB: it cannot be passive")
	}
	return nil
}
