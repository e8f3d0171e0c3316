package control

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gslbsim/gslbsim/operator/schedule"
)

// statusWriter writes statuses and annotations of the operator's own objects, and Events, one after the other, in an order that does not
// depend on when they were ordered. Only the latest state of an object is written. It is safe for concurrent use.
type statusWriter struct {
	client client.Client
	log    logr.Logger
	meters *meters
	wake   chan struct{}

	mu      sync.Mutex
	pending map[string]patch
	// written is what was last written of an object, by the version that it was based on: until the informer shows the
	// result, the same is not written again.
	written map[string]string
	// counted says how often Events were written; only the writer's goroutine looks at it.
	counted map[string]int
}

// patch is one write: the difference between two states of an object, or an Event.
type patch struct {
	from, to client.Object
	status   bool
	event    bool
	attempts int
	// notBefore is when it is tried again after a failure.
	notBefore time.Time
}

// Times of the writer: for one write, and between two attempts.
const writeTimeout = 10 * time.Second

var writeRetry = schedule.Delay{First: time.Second, Most: time.Minute}

func newStatusWriter(c client.Client, log logr.Logger, meters *meters) *statusWriter {
	return &statusWriter{
		client: c, log: log, meters: meters, wake: make(chan struct{}, 1), pending: map[string]patch{}, written: map[string]string{},
		counted: map[string]int{},
	}
}

// status orders that the status of an object be made that of to; false: that was ordered before.
func (w *statusWriter) status(from, to client.Object) bool {
	return w.order("status", patch{from: from, to: to, status: true})
}

// metadata orders that the annotations of an object be made those of to.
func (w *statusWriter) metadata(from, to client.Object) {
	w.order("metadata", patch{from: from, to: to})
}

func (w *statusWriter) order(part string, p patch) bool {
	key := fmt.Sprintf("%T/%s/%s/%s", p.to, p.to.GetNamespace(), p.to.GetName(), part)
	body, err := p.difference()
	if err != nil {
		w.log.Error(err, "status cannot be compared", "object", key)
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.written[key] == body {
		return false
	}
	w.written[key] = body
	w.pending[key] = p
	w.ring()
	return true
}

func (w *statusWriter) ring() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (p patch) part() string {
	if p.event {
		return "event"
	}
	if p.status {
		return "status"
	}
	return "metadata"
}

// difference is what the write changes, with the version that it is based on. Times do not count: a condition that is set
// again a moment later is the same.
func (p patch) difference() (string, error) {
	data, err := client.MergeFrom(p.from).Data(timeless(p.to))
	return p.from.GetResourceVersion() + " " + string(data), err
}

// run writes until the context ends.
func (w *statusWriter) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
		}
		for again := w.round(ctx); again > 0; again = w.round(ctx) {
			if !w.pause(ctx, again) {
				return
			}
		}
	}
}

// due takes what is pending and not waiting for another attempt. wait is how long the first of the others waits, 0 if there are
// none.
func (w *statusWriter) due(now time.Time) (batch map[string]patch, wait time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	batch = map[string]patch{}
	for key, p := range w.pending {
		if left := p.notBefore.Sub(now); left <= 0 {
			batch[key] = p
			delete(w.pending, key)
		} else if wait == 0 || left < wait {
			wait = left
		}
	}
	return batch, wait
}

// round writes what is due. It returns how long what is left waits, 0 if nothing is left.
func (w *statusWriter) round(ctx context.Context) time.Duration {
	batch, wait := w.due(time.Now())
	for _, key := range slices.Sorted(maps.Keys(batch)) {
		p := batch[key]
		err := w.write(ctx, p)
		w.meters.objects.WithLabelValues(p.part(), writeResult(err)).Inc()
		if apierrors.IsNotFound(err) {
			w.forget(key)
		}
		if err == nil || apierrors.IsNotFound(err) || ctx.Err() != nil {
			continue
		}
		if p.event {
			w.log.V(1).Info("event cannot be written", "error", err.Error())
			continue // what it tells stands in a condition too
		}
		w.log.Info("status cannot be written", "object", key, "error", err.Error())
		again := writeRetry.After(key, p.attempts)
		p.attempts++
		p.notBefore = time.Now().Add(again)
		if wait == 0 || again < wait {
			wait = again
		}
		w.mu.Lock()
		if _, newer := w.pending[key]; !newer {
			w.pending[key] = p
		}
		w.mu.Unlock()
	}
	return wait
}

// forget drops what was written of an object that is gone.
func (w *statusWriter) forget(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.written, key)
}

func (w *statusWriter) write(ctx context.Context, p patch) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	if e, ok := p.to.(*corev1.Event); ok && p.event {
		return w.writeEvent(ctx, e)
	}
	to, ok := p.to.DeepCopyObject().(client.Object)
	if !ok {
		return fmt.Errorf("%T is no object", p.to)
	}
	if p.status {
		return w.client.Status().Patch(ctx, to, client.MergeFrom(p.from))
	}
	return w.client.Patch(ctx, to, client.MergeFrom(p.from))
}

// writeResult is the outcome of a write to an API server as a label.
func writeResult(err error) string {
	if err == nil {
		return "OK"
	}
	if reason := apierrors.ReasonForError(err); reason != "" {
		return string(reason)
	}
	return "Unreachable"
}

// pause waits, or until something new is ordered; false: the context ended.
func (w *statusWriter) pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-w.wake:
		return true
	case <-ctx.Done():
		return false
	}
}
