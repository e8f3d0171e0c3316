package live

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/fakeavi"
	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/fault"
	"github.com/gslbsim/gslbsim/fakeavi/federation"
	"github.com/gslbsim/gslbsim/fakeavi/probe"
	"github.com/gslbsim/gslbsim/fakeavi/store"
	"github.com/gslbsim/gslbsim/fakeavi/wire"
	"github.com/gslbsim/gslbsim/internal/loop"
)

// Program is a set of running controllers. Its methods are safe for concurrent use.
type Program struct {
	cfg    Config
	loop   *loop.Loop
	wire   *wire.Switch
	prober *probe.Prober
	faults *fault.Rules
	sites  []*Site
	admin  net.Listener

	stop    context.CancelFunc
	running sync.WaitGroup // the loop and the servers
	closing sync.Once
	servers []*http.Server
	dns     []*mdns.Server
	broken  chan error
}

// Site is a running controller.
type Site struct {
	*fakeavi.Controller
	Name string
	// Listen is where the REST API is served.
	Listen netip.AddrPort
	// Certificate is the certificate of the REST API in DER form; it is its own authority unless it was configured.
	Certificate []byte
	// DNS is where DNS virtual services answer on sockets, in configured order.
	DNS []netip.AddrPort

	version  string
	listener net.Listener
	journal  *journalled
	portal   *portal
}

// Version of the software.
func (s *Site) Version() string { return s.version }

// URL is the root of the REST API.
func (s *Site) URL() string { return "https://" + s.Listen.String() }

// Start starts controllers and forms their GSLB, if there is none from an earlier run. On an error everything is ended.
// Close ends the program.
func Start(cfg Config) (*Program, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	p := &Program{cfg: cfg, stop: stop, loop: loop.New(), broken: make(chan error, 1), faults: fault.New(fault.Config{Seed: cfg.Seed})}
	p.wire = wire.NewSwitch(wire.Config{Scheduler: p.loop})
	p.prober = probe.New(ctx, probe.Config{Scheduler: p.loop, Otherwise: cfg.Health})
	if err := p.start(ctx); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

func (p *Program) start(ctx context.Context) error {
	for target, verdict := range p.cfg.Script {
		if err := p.prober.Set(target, verdict); err != nil {
			return err
		}
	}
	for i := range p.cfg.Controllers {
		if err := p.startSite(i); err != nil {
			return fmt.Errorf("controller %s: %w", p.cfg.Controllers[i].Name, err)
		}
	}
	// Not before all are there: who is contacted and missing is tried again a send interval later.
	p.running.Go(func() { p.loop.Run(ctx) })
	if err := p.form(); err != nil {
		return err
	}
	for _, s := range p.sites {
		p.serve(s.listener, p.handler(s))
	}
	for i, s := range p.sites {
		if err := p.startDNS(s, &p.cfg.Controllers[i]); err != nil {
			return fmt.Errorf("controller %s: %w", s.Name, err)
		}
	}
	return p.startAdmin()
}

// startSite makes a controller and the socket of its API, which does not serve yet.
func (p *Program) startSite(i int) error {
	cfg := &p.cfg.Controllers[i]
	s := &Site{Name: cfg.Name}
	p.sites = append(p.sites, s)
	if err := p.listen(s, cfg); err != nil {
		return err
	}
	var err error
	if s.journal, err = openJournal(p.cfg.Data, cfg.Name); err != nil {
		return err
	}
	s.Controller, err = fakeavi.New(fakeavi.Config{
		Name: cfg.Name, Site: cfg.Name, Version: cfg.Version, Addresses: []netip.Addr{cfg.Address},
		Username: p.cfg.Username, Password: p.cfg.Password, Seed: p.cfg.Seed,
		Engines: []fakeavi.EngineConfig{{Name: "Default-Group", Addr: engineAddr(i)}},
		Network: cfg.Network, DNS: cfg.DNS,
		Restore: func(into *store.Store) (bool, error) { return p.restore(s, into) },
	}, fakeavi.Deps{
		Scheduler: p.loop, Wire: p.wire, Prober: p.prober,
		Observer: fakeavi.Observer{Engine: engine.Observer{VIP: p.prober.VIPChanged}},
	})
	if err != nil {
		return err
	}
	if s.version = cfg.Version; s.version == "" {
		s.version = s.Store().Schema().Version()
	}
	s.portal.follow(s.Store())
	if err := s.journal.start(s.Store(), p.fail); err != nil {
		return err
	}
	for addr, host := range s.Hosts() {
		p.wire.Attach(addr, host)
	}
	for _, e := range s.Engines() {
		p.prober.Attach(e)
	}
	return nil
}

// fail ends the program's work: the first failure is delivered by Broken.
func (p *Program) fail(err error) {
	select {
	case p.broken <- err:
	default:
	}
}

// form makes the controllers one GSLB, unless the leader has one already.
func (p *Program) form() error {
	if p.cfg.Standalone || p.sites[0].Store().Len("gslb") > 0 {
		return nil
	}
	f := fakeavi.Federation{Leader: p.member(0), Domains: p.cfg.Domains}
	if p.cfg.SendInterval > 0 {
		f.Settings = map[string]any{"send_interval": int(p.cfg.SendInterval / time.Second)}
	}
	for i := range p.sites[1:] {
		f.Followers = append(f.Followers, p.member(i+1))
	}
	if err := f.Form(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), formMax)
	defer cancel()
	if err := p.Settle(ctx); err != nil {
		p.cfg.Warn(err.Error())
	}
	return nil
}

// formMax is how long Start waits for followers to learn that they are some.
const formMax = 5 * time.Second

func (p *Program) member(i int) fakeavi.Member {
	return fakeavi.Member{
		Controller: p.sites[i].Controller, Name: p.sites[i].Name, Passive: p.cfg.Controllers[i].Passive,
		Settings: map[string]any{"port": int(p.sites[i].Listen.Port())},
	}
}

// Sites returns the controllers in configured order, the GSLB leader of the start first.
func (p *Program) Sites() []*Site { return p.sites }

// Prober returns what makes the health checks, to change its script.
func (p *Program) Prober() *probe.Prober { return p.prober }

// Faults returns the rules by which requests to the controllers fail.
func (p *Program) Faults() *fault.Rules { return p.faults }

// Power takes a controller's power or gives it back. Without power it closes connections, and its engines go on.
func (p *Program) Power(s *Site, on bool) {
	if on {
		p.wire.Attach(s.Addr(), s.Controller)
		s.PowerOn()
		return
	}
	s.PowerOff()
	p.wire.Attach(s.Addr(), nil)
}

// Admin is where the admin endpoint listens; not valid if it does not.
func (p *Program) Admin() netip.AddrPort {
	if p.admin == nil {
		return netip.AddrPort{}
	}
	return p.admin.Addr().(*net.TCPAddr).AddrPort()
}

// Broken delivers an error if the program cannot go on, because the disk does not take what it should keep.
func (p *Program) Broken() <-chan error { return p.broken }

// Settle blocks until all active followers have what the leader has, or ctx ends; the error says who lacks it.
func (p *Program) Settle(ctx context.Context) error {
	leader := p.sites[0]
	for {
		behind := ""
		for _, site := range leader.Federation().Sites {
			if !site.Self && site.Active && site.Sync != federation.SyncInSync {
				behind = site.Name
			}
		}
		if behind == "" {
			return nil
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("site %s lacks configuration of the leader: %w", behind, ctx.Err())
		}
	}
}

// shutdownMax is how long requests under way may take when the program ends.
const shutdownMax = 2 * time.Second

// Close ends the program: it waits for requests under way, then brings what is to be kept to the disk. The error is that of
// the disk. Only the first call does something.
func (p *Program) Close() error {
	var err error
	p.closing.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), shutdownMax)
		defer cancel()
		for _, s := range p.servers {
			if s.Shutdown(ctx) != nil {
				_ = s.Close()
			}
		}
		for _, s := range p.dns {
			_ = s.ShutdownContext(ctx)
		}
		for _, s := range p.sites {
			if s.listener != nil {
				_ = s.listener.Close()
			}
		}
		p.stop()
		p.running.Wait()
		for _, s := range p.sites {
			if s.journal != nil {
				err = errors.Join(err, s.journal.close())
			}
		}
	})
	return err
}
