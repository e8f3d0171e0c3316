package main

import (
	"fmt"
	"time"

	"github.com/vmware/alb-sdk/go/clients"
	"github.com/vmware/alb-sdk/go/models"
	"github.com/vmware/alb-sdk/go/session"

	"github.com/gslbsim/gslbsim/fakeavi/live"
	"github.com/gslbsim/gslbsim/fakeavi/probe"
)

func ptr[T any](v T) *T { return &v }

// service is a GSLB service with three members, as an operator makes it.
func service(i int) *models.GslbService {
	name := fmt.Sprintf("app%05d.%s", i, live.DefaultDomain)
	pool := &models.GslbPool{
		Name: ptr(name + "-pool"), Algorithm: ptr("GSLB_ALGORITHM_ROUND_ROBIN"), Priority: ptr(uint32(10)), MinHealthMonitorsUp: ptr(uint32(1)),
	}
	for m := range 3 {
		pool.Members = append(pool.Members, &models.GslbPoolMember{
			IP: &models.IPAddr{Addr: ptr(fmt.Sprintf("10.%d.%d.%d", m, i>>8, i&255)), Type: ptr("V4")}, Ratio: ptr(uint32(1)), Enabled: ptr(true),
		})
	}
	return &models.GslbService{
		Name: ptr(name), DomainNames: []string{name}, Groups: []*models.GslbPool{pool}, CreatedBy: ptr("bench"),
		HealthMonitorRefs: []string{"/api/healthmonitor?name=System-GSLB-TCP"},
	}
}

// login logs the official client in.
func login(s *live.Site) (*clients.AviClient, error) {
	return clients.NewAviClient(s.Listen.String(), live.DefaultUsername, session.SetPassword(live.DefaultPassword), session.SetInsecure,
		session.SetTenant("admin"), session.SetVersion(s.Version()))
}

const creationsAtOnce = 1000

// creations makes services one after the other, with the official client over TLS, at a controller that leads a GSLB and
// serves what is made.
func creations(rounds int) ([]row, error) {
	r := row{what: "1,000 service creations, one SDK client over TLS", most: 1, unit: "s"}
	cpu := row{what: "  CPU time of it, server and client", unit: "s"}
	for range rounds {
		took, used, err := createRound()
		if err != nil {
			return nil, err
		}
		r.values = append(r.values, took)
		cpu.values = append(cpu.values, used)
	}
	return []row{r, cpu}, nil
}

func createRound() (took, used float64, err error) {
	p, err := live.Start(live.Config{Health: probe.Up})
	if err != nil {
		return 0, 0, err
	}
	defer p.Close()
	c, err := login(p.Sites()[0])
	if err != nil {
		return 0, 0, err
	}
	start, before := time.Now(), busy()
	for i := range creationsAtOnce {
		if _, err := c.GslbService.Create(service(i)); err != nil {
			return 0, 0, err
		}
	}
	return seconds(start), (busy() - before).Seconds(), nil
}
