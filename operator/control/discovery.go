package control

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"k8s.io/client-go/rest"

	"github.com/gslbsim/gslbsim/operator/discovery"
)

// discover starts, restarts or ends service discovery, so that it runs with the member clusters as they are while this operator
// leads.
func (o *operator) discover(parent context.Context) {
	s := o.settings
	var fingerprint string
	if o.MultiClusterIngress && s.leads && s.config != nil {
		parts := slices.Sorted(maps.Keys(s.clusters))
		for _, name := range slices.Sorted(maps.Keys(s.members)) {
			parts = append(parts, s.members[name].fingerprint)
		}
		fingerprint = strings.Join(parts, "\n") + "\nleads"
	}
	if fingerprint == o.discovering.fingerprint {
		return
	}
	o.discovering.end()
	if fingerprint == "" {
		return
	}
	options := discovery.Options{
		Own: o.Config, Namespace: o.Namespace, Clusters: maps.Clone(s.clusters), Members: map[string]*rest.Config{},
		Debounce: o.Debounce, Log: o.log.WithName("discovery"),
	}
	for name, m := range s.members {
		options.Members[name] = m.rest
	}
	ctx, cancel := context.WithCancel(parent)
	var running sync.WaitGroup
	running.Go(func() {
		if err := discovery.Run(ctx, options); err != nil {
			o.log.Error(err, "services are not discovered")
		}
	})
	o.discovering = discovering{fingerprint, func() { cancel(); running.Wait() }}
}

// discovering is service discovery that runs, and what it runs with.
type discovering struct {
	fingerprint string
	stop        func()
}

func (d *discovering) end() {
	if d.stop != nil {
		d.stop()
	}
	*d = discovering{}
}
