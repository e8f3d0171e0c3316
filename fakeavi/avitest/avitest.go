// Package avitest gives tests a running Avi controller and a logged-in client of the official SDK in one line:
//
//	avi := avitest.Start(t)
//	created, err := avi.Client.GslbService.Create(service)
//
// The controller serves its REST API over TLS on a free port of 127.0.0.1 and leads a GSLB for gslb.example; all targets of
// health checks are up unless the test says otherwise. It ends with the test. Only tests may import this package.
//
// The SDK logs through glog, which writes files to the temporary folder by default; a TestMain can set its flag logtostderr.
package avitest

import (
	"context"
	"testing"
	"time"

	"github.com/vmware/alb-sdk/go/clients"
	"github.com/vmware/alb-sdk/go/session"

	"github.com/gslbsim/gslbsim/fakeavi/live"
	"github.com/gslbsim/gslbsim/fakeavi/probe"
)

// Avi is one or more running controllers.
type Avi struct {
	*live.Program
	// Leader leads the GSLB.
	Leader *live.Site
	// Client is logged in at the leader as its administrator, in tenant admin.
	Client *clients.AviClient

	t   testing.TB
	cfg live.Config
}

// Start starts controllers, one unless change says otherwise, and logs in. Whatever goes wrong ends the test.
func Start(t testing.TB, change ...func(*live.Config)) *Avi {
	t.Helper()
	cfg := live.Config{Username: live.DefaultUsername, Password: live.DefaultPassword, Health: probe.Up, Seed: 1}
	for _, fn := range change {
		fn(&cfg)
	}
	p, err := live.Start(cfg)
	if err != nil {
		t.Fatalf("avitest: %v", err)
	}
	a := &Avi{Program: p, Leader: p.Sites()[0], t: t, cfg: cfg}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("avitest: %v", err)
		}
	})
	a.Client = a.Login(a.Leader)
	return a
}

// Login returns a client that is logged in at a controller as its administrator. Options come after the usual ones. The
// client does not retry on errors of the controller, so that a test sees them.
func (a *Avi) Login(s *live.Site, options ...func(*session.AviSession) error) *clients.AviClient {
	a.t.Helper()
	usual := []func(*session.AviSession) error{
		session.SetPassword(a.cfg.Password), session.SetInsecure, session.SetVersion(s.Store().Schema().Version()),
		session.SetTenant("admin"), session.DisableControllerStatusCheckOnFailure(true),
	}
	c, err := clients.NewAviClient(s.Listen.String(), a.cfg.Username, append(usual, options...)...)
	if err != nil {
		a.t.Fatalf("avitest: log in to %s: %v", s.Name, err)
	}
	return c
}

// settleMax is how long Settle waits.
const settleMax = 30 * time.Second

// Settle waits until all active followers have the leader's configuration. If they do not get it, the test ends.
func (a *Avi) Settle() {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), settleMax)
	defer cancel()
	if err := a.Program.Settle(ctx); err != nil {
		a.t.Fatalf("avitest: %v", err)
	}
}
