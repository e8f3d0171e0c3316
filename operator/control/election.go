package control

import (
	"cmp"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/manager"
)

// Election makes replicas of an operator in one cluster take turns: the one that holds the Lease works, the others wait with
// all that they have to know of their own cluster. It is not about which cluster leads: that is said by AMKOCluster.
//
// The Lease is given back when Run ends. If it is lost, because the API server could not be asked for as long as Renew, Run
// stops all work before another replica can begin, and returns an error: start it anew, or end the process.
type Election struct {
	// Name is that of the Lease, in Options.Namespace; empty means DefaultLease.
	Name string
	// Lasts is for how long a Lease that is not renewed counts, Renew how long its holder tries to renew it before it gives
	// up, Retry the time between two attempts. They must be in this order, the longest first; 0 means 15 s, 10 s and 2 s.
	Lasts, Renew, Retry time.Duration
}

// DefaultLease is the name of the Lease that replicas compete for.
const DefaultLease = "gslbsim-operator"

func (e *Election) configure(m *manager.Options, namespace string) {
	if e == nil {
		return
	}
	lasts, renew, retry := cmp.Or(e.Lasts, 15*time.Second), cmp.Or(e.Renew, 10*time.Second), cmp.Or(e.Retry, 2*time.Second)
	m.LeaderElection, m.LeaderElectionReleaseOnCancel = true, true
	m.LeaderElectionID, m.LeaderElectionNamespace = cmp.Or(e.Name, DefaultLease), namespace
	m.LeaseDuration, m.RenewDeadline, m.RetryPeriod = &lasts, &renew, &retry
}
