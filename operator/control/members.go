package control

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/gslbsim/gslbsim/operator/member"
)

// watched is a member cluster, as the loop knows it.
type watched struct {
	fingerprint string
	stop        func() // ends the watch and waits for it; nil: there is none
	// read says that the index holds the cluster's objects, read since the operator started or the watch was renewed.
	read bool
	// silent is why the cluster does not answer, since when; nil: it answers, or nothing is known yet.
	silent error
	since  time.Time
	// given says that the cluster has been silent for so long that its members are not kept any more.
	given bool
}

// watchMembers starts and ends watches, so that just the member clusters are watched. A standby watches none.
func (o *operator) watchMembers(ctx context.Context) {
	wanted := o.settings.members
	if !o.able() && o.settings.config == nil {
		wanted = nil
	}
	for _, name := range slices.Sorted(maps.Keys(o.members)) {
		if !o.settings.clusters[name] || wanted == nil {
			o.unwatch(name)
			delete(o.members, name)
			o.index.ForgetCluster(name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(o.settings.clusters)) {
		if o.settings.config == nil {
			break
		}
		config, ok := wanted[name]
		switch w := o.members[name]; {
		case !ok:
			// It cannot be asked: the kubeconfig has no such context. What was known of it stands.
			o.unwatch(name)
			if w == nil {
				w = &watched{}
				o.members[name] = w
			}
			w.fingerprint = ""
			if err := o.settings.memberErrs[name]; w.silent == nil && err != nil {
				w.silent, w.since = err, time.Now()
			}
		case w == nil:
			o.members[name] = &watched{}
			o.watch(ctx, name, config)
		case w.fingerprint != config.fingerprint:
			o.watch(ctx, name, config)
		}
	}
}

// watch begins to watch a cluster, in place of a watch that there may be. What is known of the cluster stands until the new
// watch has read it.
func (o *operator) watch(parent context.Context, name string, config memberConfig) {
	o.unwatch(name)
	ctx, cancel := context.WithCancel(parent)
	var ended sync.WaitGroup
	box := o.mail.addMember(name)
	ended.Go(func() {
		member.Watch(ctx, member.Config{Name: name, REST: config.rest, Sink: box, Log: o.log})
	})
	w := o.members[name]
	w.fingerprint, w.silent, w.given = config.fingerprint, nil, false
	w.stop = func() { cancel(); ended.Wait() }
}

func (o *operator) unwatch(name string) {
	o.mail.removeMember(name)
	if w := o.members[name]; w != nil && w.stop != nil {
		w.stop()
		w.stop = nil
	}
}

// takeMember takes over what has changed in a member cluster.
func (o *operator) takeMember(ctx context.Context, c *memberChanges) {
	w := o.members[c.name]
	if w == nil {
		return
	}
	if c.fresh && c.ready {
		o.index.ForgetCluster(c.name)
		w.read = true
	}
	for key, candidates := range c.objects {
		o.index.SetObject(key, candidates)
	}
	for name, ns := range c.namespaces {
		o.index.SetNamespace(c.name, name, ns)
	}
	for key, rule := range c.rules {
		o.index.SetHostRule(c.name, key[0], key[1], rule)
	}
	switch {
	case c.silent != nil:
		if w.silent == nil {
			w.since = c.at
		}
		w.silent = c.silent
	case c.ready && w.given && !c.fresh:
		// Its objects were forgotten meanwhile, and have to be read anew.
		o.watch(ctx, c.name, o.settings.members[c.name])
	case c.ready:
		w.silent, w.given = nil, false
	}
	o.unpublished = true
}

// membersKnown says whether of each member cluster something is known: that it was read, or that it does not answer.
func (o *operator) membersKnown() bool {
	for _, w := range o.members {
		if !w.read && w.silent == nil {
			return false
		}
	}
	return true
}

// silent are the clusters that do not answer and have not been read: their members are read back from the controller. The
// names are sorted.
func (o *operator) silent() []string {
	var names []string
	for name, w := range o.members {
		if w.silent != nil && !w.read && !w.given {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// expire gives up the members of clusters that have been silent for too long.
func (o *operator) expire(now time.Time) {
	if o.HoldMembers <= 0 {
		return
	}
	for name, w := range o.members {
		if w.silent != nil && !w.given && now.Sub(w.since) >= o.HoldMembers {
			o.log.Info("members of a cluster that does not answer are not kept any more", "cluster", name)
			w.given, w.read = true, false
			o.index.ForgetCluster(name)
			o.everything, o.unpublished = true, true
		}
	}
}

func (o *operator) nextExpiry(now time.Time) (at time.Time, ok bool) {
	if o.HoldMembers <= 0 {
		return at, false
	}
	for _, w := range o.members {
		if due := w.since.Add(o.HoldMembers); w.silent != nil && !w.given && due.After(now) && (!ok || due.Before(at)) {
			at, ok = due, true
		}
	}
	return at, ok
}
