package control

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/avi"
	"github.com/gslbsim/gslbsim/operator/ingest"
	"github.com/gslbsim/gslbsim/operator/model"
	"github.com/gslbsim/gslbsim/operator/plan"
	"github.com/gslbsim/gslbsim/operator/policy"
	"github.com/gslbsim/gslbsim/operator/schedule"
)

// operator is the state of the loop. Only the loop's goroutine touches it.
type operator struct {
	Options
	client client.Client // reads from informers
	mail   *mailbox
	writer *statusWriter
	meters *meters
	log    logr.Logger

	parent     context.Context // of everything the loop starts
	adopted    bool            // the settings have been read
	settings   *settings
	federation federation
	members    map[string]*watched
	index      *ingest.Index

	// The policies as they are, and as they were judged.
	global     *policy.Global // in force; nil: none
	gdp        *amkov1alpha2.GlobalDeploymentPolicy
	gdpOthers  []*amkov1alpha2.GlobalDeploymentPolicy
	gdpVerdict error
	gdpJudged  bool                         // the verdict is on gdp as it is
	rules      []*amkov1alpha1.GSLBHostRule // by namespace and name
	book       *policy.RuleBook
	judged     map[string]judgement // by namespace and name of a GSLBHostRule
	tenants    map[string]string    // tenant of a namespace of the operator's own cluster
	catalog    policy.Catalog
	looked     map[policy.Reference]bool
	refs       references
	edition    int // of the catalog

	// The session, and everything that ends with it.
	epoch     int
	ctx       context.Context // of the epoch's calls
	cancel    context.CancelFunc
	session   *avi.Client
	view      avi.Federation
	pki       string
	inventory *plan.Inventory
	queue     *schedule.Queue
	problems  map[string]error
	calls     sync.WaitGroup

	asking      bool // an inquiry is under way
	lookAround  bool
	sessionErr  error
	failures    int // inquiries in a row
	nextInquiry time.Time
	nextRefresh time.Time
	nextMissing time.Time // when what policies name and was not found is looked for again
	everything  bool      // all FQDNs are to be looked at
	anew        bool      // ... because what is wanted has changed: former failures say nothing
	held        string
	discovering discovering     // ServiceImports are kept
	sweeping    bool            // shared monitors are being deleted; nothing else is worked on
	unswept     bool            // they could not be; not tried again before the controller is read again
	lent        map[string]bool // FQDNs whose services a run of another one works on
	unpublished bool
	settled     bool

	events      int // that count against the limit
	eventsSince time.Time
}

func newOperator(o Options, c client.Client, mail *mailbox, writer *statusWriter, meters *meters) *operator {
	op := &operator{
		Options: o, client: c, mail: mail, writer: writer, meters: meters, log: o.Logger,
		settings: &settings{}, members: map[string]*watched{}, index: ingest.NewIndex(false),
		book: policy.NewRuleBook(), judged: map[string]judgement{}, tenants: map[string]string{},
		catalog: policy.Catalog{Found: map[policy.Reference]model.StoredMonitor{}},
		looked:  map[policy.Reference]bool{},
	}
	op.reset(context.Background())
	return op
}

// reset ends the session: calls under way are cancelled and their results will not count.
func (o *operator) reset(parent context.Context) {
	if o.cancel != nil {
		o.cancel()
	}
	if o.session != nil {
		o.session.Close()
	}
	o.epoch++
	o.ctx, o.cancel = context.WithCancel(parent)
	o.session, o.inventory, o.view, o.pki = nil, nil, avi.Federation{}, ""
	o.queue, o.problems, o.lent = schedule.New(max(1, o.Parallel)), map[string]error{}, map[string]bool{}
	o.sweeping, o.unswept = false, false
	o.asking, o.lookAround, o.failures, o.sessionErr, o.nextInquiry = false, false, 0, nil, time.Time{}
	o.everything, o.unpublished, o.settled = true, true, false
}

// missingInterval is the time between two looks for what policies name and the controller does not have: somebody may make
// it after the policy.
const missingInterval = time.Minute

// settle is how long the loop waits after it was woken, so that what happens at one instant is handled together, in an order
// of its own. It is not a round number, so that it does not fall together with other intervals.
const settle = time.Millisecond + 37*time.Microsecond

// loop runs until the context ends.
func (o *operator) loop(ctx context.Context) {
	o.parent = ctx
	o.reset(ctx)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			o.stop()
			return
		case <-o.mail.wake:
		case <-timer.C:
		}
		time.Sleep(settle)
		if ctx.Err() != nil {
			continue
		}
		now := time.Now()
		o.meters.steps.Inc()
		o.Health.stepBegins(now)
		next := o.step(ctx, now)
		o.Health.stepEnds(o.part())
		timer.Reset(next)
	}
}

func (o *operator) stop() {
	o.reset(context.Background())
	o.cancel()
	o.endFederation()
	o.discovering.end()
	for name := range o.members {
		o.unwatch(name)
	}
	o.calls.Wait()
}

// step handles what has arrived and starts what is due. It returns how long nothing else is due.
func (o *operator) step(ctx context.Context, now time.Time) time.Duration {
	results, reports, rounds := o.mail.takeResults()
	for _, r := range results {
		o.finished(r, now)
	}
	for _, r := range reports {
		o.learn(r, now)
	}
	for _, r := range rounds {
		o.learnFederation(r, now)
	}
	if at, ok := o.mail.due(o.Debounce); ok && !now.Before(at) {
		o.batch(ctx, o.mail.takeChanges(), now)
	}
	o.expire(now)
	o.federateIfDue(now)
	o.advance(now)
	o.publish(now)
	return o.sleep(now)
}

// sleep is the time until something is due by the clock.
func (o *operator) sleep(now time.Time) time.Duration {
	next := now.Add(time.Hour)
	earlier := func(at time.Time, ok bool) {
		if ok && at.Before(next) {
			next = at
		}
	}
	earlier(o.mail.due(o.Debounce))
	earlier(o.federation.due, o.federation.source != nil && !o.federation.running)
	if o.able() && !o.asking {
		// After an inquiry that failed none is due before nextInquiry, whatever else is overdue.
		ask := func(at time.Time, ok bool) { earlier(later(at, o.nextInquiry), ok) }
		ask(o.nextInquiry, o.session == nil || o.lookAround || len(o.refs.unresolved) > 0)
		ask(o.nextRefresh, o.session != nil)
		ask(o.nextMissing, o.session != nil && len(o.refs.missing) > 0)
	}
	if o.ready() && !o.asking {
		earlier(o.queue.Next(now))
	}
	earlier(o.nextExpiry(now))
	return max(0, next.Sub(now))
}

// batch handles a batch of changes.
func (o *operator) batch(ctx context.Context, c changes, now time.Time) {
	if c.own[ownConfig] {
		s, err := o.readSettings(ctx)
		if err != nil {
			o.again(err, ownConfig)
		} else {
			o.adopt(ctx, s)
		}
	}
	for _, m := range c.members {
		o.takeMember(ctx, m)
	}
	if c.own[ownConfig] || c.own[ownPolicy] || c.own[ownRules] || c.own[ownNamespaces] {
		if err := o.readPolicies(ctx); err != nil {
			o.again(err, ownPolicy)
		} else {
			o.planFederation(now)
		}
	}
	touched := append(o.index.Touched(), o.book.Touched()...)
	for _, fqdn := range touched {
		o.queue.Add(fqdn)
	}
	o.unpublished = true
	took := time.Since(now)
	o.meters.batches.Observe(took.Seconds())
	o.meters.touched.Add(float64(len(touched)))
	if o.Observe.Batch != nil {
		o.Observe.Batch(Batch{Touched: len(touched), Took: took})
	}
}

// again has own objects read once more after an error of reading them.
func (o *operator) again(err error, kind ownKind) {
	o.log.Error(err, "own objects cannot be read")
	o.mail.postOwn(kind)
}

// adopt takes over new settings and changes what depends on them.
func (o *operator) adopt(ctx context.Context, s *settings) {
	old := o.settings
	o.settings, o.adopted = s, true
	if s.logLevel != old.logLevel && s.logLevel != "" && o.LogLevel != nil {
		o.LogLevel(s.logLevel)
	}
	if !s.leads || s.config == nil {
		if old.leads && old.config != nil {
			o.log.Info("standing by", "leader", s.leads, "config", s.config != nil)
			o.reset(ctx)
		}
	} else if !old.leads || old.config == nil || !s.sameController(old) || s.createdBy != old.createdBy || s.problem != old.problem {
		o.reset(ctx)
	}
	if due := time.Now().Add(s.drift); due.Before(o.nextRefresh) {
		o.nextRefresh = due // the interval has become shorter
	}
	if s.mapped != o.index.Mapped() {
		o.index = o.index.Remap(s.mapped)
		o.everything, o.anew = true, true
	}
	if s.tenant != old.tenant || !sameKeys(s.clusters, old.clusters) {
		o.everything, o.anew = true, true
	}
	o.watchMembers(ctx)
	o.discover(ctx)
	o.catalog.Clusters = s.clusters
	o.edition++
}

// able says whether the operator may speak to a controller.
func (o *operator) able() bool {
	return o.settings.leads && o.settings.config != nil && o.settings.problem == "" && len(o.rivals()) == 0
}

// ready says whether everything is known that writing depends on.
func (o *operator) ready() bool {
	return o.able() && o.session != nil && o.inventory != nil && o.global != nil && o.membersKnown() &&
		o.followersKnown()
}

// advance starts what is due.
func (o *operator) advance(now time.Time) {
	if !o.able() || o.asking {
		return
	}
	if q := o.nextQuestion(now); q != nil {
		if !q.inventory || o.queue.Running() == 0 && !o.sweeping {
			o.ask(*q)
		}
		return // what the controller holds is read when nobody writes
	}
	if o.lookAround || !o.ready() {
		return
	}
	if held := strings.Join(o.silent(), ","); held != o.held {
		o.held, o.everything = held, true
	}
	if o.everything {
		o.enqueueAll(o.anew)
		o.everything, o.anew = false, false
	}
	if !o.sweeping {
		o.dispatch(now)
		o.sweep(now)
	}
}

// nextQuestion is the inquiry that is due, nil if none is.
func (o *operator) nextQuestion(now time.Time) *inquiry {
	if now.Before(o.nextInquiry) {
		return nil
	}
	switch {
	case o.session == nil || o.lookAround:
		return &inquiry{connect: true, inventory: true, refs: o.refs.all}
	case !now.Before(o.nextRefresh):
		return &inquiry{inventory: true, refs: o.refs.all}
	}
	if refs := o.refs.unresolved; len(refs) > 0 {
		return &inquiry{refs: refs}
	}
	if refs := o.refs.missing; len(refs) > 0 && !now.Before(o.nextMissing) {
		return &inquiry{refs: refs}
	}
	return nil
}

func (o *operator) ask(q inquiry) {
	o.asking = true
	c := correspondent{
		config: o.settings.controller, client: o.session, pinned: o.PinController, createdBy: o.settings.createdBy,
		others: append(siteAddresses(o.view), splitAddresses(o.settings.config.Annotations[sitesAnnotation])...),
	}
	ctx, epoch := o.ctx, o.epoch
	o.calls.Go(func() {
		r := c.inquire(ctx, q)
		r.epoch = epoch
		o.mail.postReport(r)
	})
}

// learn takes over what an inquiry brought.
func (o *operator) learn(r *report, now time.Time) {
	if r.epoch != o.epoch {
		if r.client != nil && r.client != o.session {
			r.client.Close()
		}
		return
	}
	o.asking, o.unpublished = false, true
	o.meters.inquiries.WithLabelValues(resultOf(r.err)).Inc()
	if r.err != nil {
		o.log.Info("controller cannot be asked", "error", r.err.Error())
		o.nextInquiry = now.Add(inquiryDelay(r.err).After(o.settings.controller.Address, o.failures))
		o.failures++
		if r.inventory {
			for _, client := range []*avi.Client{o.session, r.client} {
				if client != nil {
					client.Close()
				}
			}
			o.sessionErr, o.session, o.inventory = r.err, nil, nil
		}
		return
	}
	o.failures, o.nextInquiry, o.sessionErr = 0, time.Time{}, nil
	for _, err := range r.unread {
		o.log.Info("object of the controller is left out", "error", err.Error())
	}
	for _, ref := range r.refs {
		o.looked[ref] = true
		if !r.denied[ref] { // what was found before and cannot be looked for is taken to be there
			delete(o.catalog.Found, ref)
		}
	}
	for ref, m := range r.found {
		o.catalog.Found[ref] = m
	}
	o.nextMissing = now.Add(missingInterval)
	if r.inventory {
		o.takeInventory(r, now)
	}
	o.edition++
	o.refer()
	o.judge()
}

func (o *operator) takeInventory(r *report, now time.Time) {
	if o.view.Self != r.view.Self {
		o.queue.Resume()
	}
	if o.session != r.client {
		o.log.Info("speaking to the leader", "address", r.client.Address())
		if o.session != nil {
			o.session.Close()
		}
		if o.Observe.Leader != nil {
			o.Observe.Leader(r.view)
		}
	}
	o.session, o.view, o.pki, o.lookAround = r.client, r.view, r.pki, false
	o.inventory = plan.NewInventory(plan.Owner{CreatedBy: o.settings.createdBy, Clusters: o.settings.clusters})
	for _, s := range r.services {
		o.inventory.AddService(s)
	}
	for _, m := range r.monitors {
		o.inventory.AddMonitor(m)
	}
	o.catalog.Sites = map[string]bool{}
	for _, site := range r.view.ThirdParty {
		o.catalog.Sites[site] = true
	}
	o.nextRefresh = now.Add(o.settings.drift)
	o.everything, o.unswept = true, false
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func sameKeys(a, b map[string]bool) bool {
	if len(a) != len(b) {
		return false
	}
	for key := range a {
		if !b[key] {
			return false
		}
	}
	return true
}
