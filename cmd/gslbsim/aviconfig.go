package main

import (
	"crypto/tls"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi"
	"github.com/gslbsim/gslbsim/fakeavi/live"
	"github.com/gslbsim/gslbsim/fakeavi/probe"
	"github.com/gslbsim/gslbsim/sim/strict"
)

// aviFile is the configuration of `gslbsim avi`.
type aviFile struct {
	Username    string          `yaml:"username"`
	Password    string          `yaml:"password"`
	Seed        uint64          `yaml:"seed"`
	Admin       string          `yaml:"admin"`
	Controllers []aviController `yaml:"controllers"`
	GSLB        aviGSLB         `yaml:"gslb"`
	Health      aviHealth       `yaml:"health"`
}

type aviController struct {
	Name        string     `yaml:"name"`
	Listen      string     `yaml:"listen"`
	Certificate string     `yaml:"certificate"`
	Key         string     `yaml:"key"`
	Address     netip.Addr `yaml:"address"`
	Version     string     `yaml:"version"`
	Passive     bool       `yaml:"passive"`
	DNS         []aviDNS   `yaml:"dns"`
	VIPs        aviVIPs    `yaml:"vips"`
}

type aviDNS struct {
	Name string     `yaml:"name"`
	VIP  netip.Addr `yaml:"vip"`
	// Listen is where it answers on sockets.
	Listen string `yaml:"listen"`
}

type aviVIPs struct {
	Network string       `yaml:"network"`
	Subnet  netip.Prefix `yaml:"subnet"`
	First   netip.Addr   `yaml:"first"`
	Last    netip.Addr   `yaml:"last"`
}

type aviGSLB struct {
	Domains      []string      `yaml:"domains"`
	SendInterval time.Duration `yaml:"sendInterval"`
	None         bool          `yaml:"none"`
}

type aviHealth struct {
	Otherwise string            `yaml:"otherwise"`
	Targets   map[string]string `yaml:"targets"`
}

// readAviConfig reads a configuration file. Certificates are looked for beside it.
func readAviConfig(name string) (live.Config, error) {
	src, err := os.ReadFile(name)
	if err != nil {
		return live.Config{}, &strict.Error{File: name, Problem: reason(err).Error()}
	}
	var in aviFile
	f := strict.Decode(name, src, &in)
	cfg := live.Config{
		Username: in.Username, Password: in.Password, Seed: in.Seed, Domains: in.GSLB.Domains,
		SendInterval: in.GSLB.SendInterval, Standalone: in.GSLB.None,
	}
	cfg.Admin = portOf(f, "admin", in.Admin, "")
	if err := f.Err(); err != nil && len(in.Controllers) == 0 {
		return cfg, err
	}
	if len(in.Controllers) == 0 {
		f.Fail("controllers", "at least one is needed, such as: - {name: avi, listen: %s}", aviListen)
	}
	for i, c := range in.Controllers {
		cfg.Controllers = append(cfg.Controllers, c.read(f, fmt.Sprintf("controllers[%d]", i), filepath.Dir(name)))
	}
	in.Health.read(f, &cfg)
	if s := in.GSLB.SendInterval; s != 0 && (s < time.Second || s > time.Hour) {
		f.Fail("gslb.sendInterval", "%v is not between 1s and 1h", s)
	}
	return cfg, f.Err()
}

// portOf reads an address with a port; a missing one is fallback's.
func portOf(f *strict.File, field, text, fallback string) netip.AddrPort {
	if text == "" {
		text = fallback
	}
	if text == "" {
		return netip.AddrPort{}
	}
	at, err := netip.ParseAddrPort(text)
	if err != nil {
		f.Fail(field, "%q is not an address with a port, such as %s", text, aviListen)
	}
	return at
}

func (c aviController) read(f *strict.File, field, dir string) live.Controller {
	if c.Name == "" {
		f.Fail(field+".name", "a controller needs a name")
	}
	out := live.Controller{
		Name: c.Name, Listen: portOf(f, field+".listen", c.Listen, "127.0.0.1:0"), Address: c.Address, Version: c.Version,
		Passive: c.Passive, DNSListen: map[string]netip.AddrPort{},
		Network: fakeavi.NetworkConfig{Name: c.VIPs.Network, Prefix: c.VIPs.Subnet, Begin: c.VIPs.First, End: c.VIPs.Last},
	}
	for i, d := range c.DNS {
		if d.Name == "" || !d.VIP.IsValid() {
			f.Fail(fmt.Sprintf("%s.dns[%d]", field, i), "a DNS virtual service needs name and vip")
		}
		out.DNS = append(out.DNS, fakeavi.DNSConfig{Name: d.Name, VIP: d.VIP})
		if at := portOf(f, fmt.Sprintf("%s.dns[%d].listen", field, i), d.Listen, ""); at.IsValid() {
			out.DNSListen[d.Name] = at
		}
	}
	if c.DNS != nil && len(c.DNS) == 0 {
		out.DNS = []fakeavi.DNSConfig{}
	}
	if c.Certificate == "" && c.Key == "" {
		return out
	}
	cert, err := tls.LoadX509KeyPair(beside(dir, c.Certificate), beside(dir, c.Key))
	if err != nil {
		f.Fail(field+".certificate", "%v; give certificate and key, both PEM", err)
	}
	out.Certificate = &cert
	return out
}

func beside(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

func (h aviHealth) read(f *strict.File, cfg *live.Config) {
	verdict := func(field, text string) probe.Verdict {
		v, err := probe.ParseVerdict(text)
		if err != nil {
			f.Fail(field, "%v", err)
		}
		return v
	}
	if h.Otherwise != "" {
		cfg.Health = verdict("health.otherwise", h.Otherwise)
	}
	cfg.Script = map[netip.Addr]probe.Verdict{}
	for target, text := range h.Targets {
		addr, err := netip.ParseAddr(target)
		if err != nil {
			f.Fail("health.targets", "%q is not an address", target)
			continue
		}
		cfg.Script[addr] = verdict("health.targets."+target, text)
	}
}
