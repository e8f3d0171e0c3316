package world

import (
	"context"
	"fmt"
	"time"

	"github.com/go-logr/logr"

	"github.com/gslbsim/gslbsim/operator"
	"github.com/gslbsim/gslbsim/sim/ako"
	"github.com/gslbsim/gslbsim/sim/scenario"
)

// How long AKO collects changes, and waits after a failed pass.
const (
	akoDebounce = 200 * time.Millisecond
	akoRetry    = 5 * time.Second
)

// addPrograms puts AKO into every workload cluster and the operator into its own.
func (w *world) addPrograms() {
	for _, s := range w.top.GSLBSites() {
		for i := range s.Clusters {
			w.addAKO(s, &s.Clusters[i])
		}
	}
	w.addOperator()
}

func (w *world) addAKO(s *scenario.Site, c *scenario.Cluster) {
	name := c.Name + "/ako"
	target := w.target(s)
	target.Program = "AKO"
	w.programs.add(&program{name: name, host: clusterHost(c), run: func(ctx context.Context) error {
		transport := w.net.Transport(c.API)
		defer transport.CloseIdleConnections()
		return ako.Run(ctx, ako.Options{
			Cluster: c.Name, Config: w.config(c.API, c.Name), Avi: target, Transport: transport,
			Network: s.VIPs.Network, Debounce: akoDebounce, Retry: akoRetry, Silent: w.silent(s),
			Event: func(kind, text string) { w.rec.Event(name, kind, "%s", text) },
		})
	}})
}

func (w *world) addOperator() {
	c, _ := w.top.Cluster(w.top.Operator.Cluster)
	w.programs.add(&program{name: "operator", host: clusterHost(c), run: func(ctx context.Context) error {
		transport := w.net.Transport(c.API)
		defer transport.CloseIdleConnections()
		w.rec.Event("operator", "start", "in cluster %s", c.Name)
		err := operator.Run(ctx, operator.Options{
			Config: w.config(c.API, c.Name), Namespace: operatorNamespace,
			AviTransport: transport, MemberDial: w.net.Dialer(c.API), Logger: logr.Discard(),
		})
		if err != nil {
			return fmt.Errorf("operator: %w", err)
		}
		return nil
	}})
}
