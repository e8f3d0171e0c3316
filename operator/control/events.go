package control

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// component is the source of the operator's Events.
const component = "gslbsim-operator"

// Limits of Events: the API server's for a message, in bytes; how many there may be in a row, and after how long there may be
// one more: a controller that refuses everything refuses each service. What is left out stands in the conditions.
const (
	eventMessageLimit = 1024
	eventBurst        = 50
	eventInterval     = 10 * time.Second
)

// tellChanges writes an Event for each condition that has become another one. words has one written too if nothing but the
// message has changed.
func (o *operator) tellChanges(obj client.Object, old, now []metav1.Condition, except string, words bool) {
	for i := range now {
		c := &now[i]
		was := meta.FindStatusCondition(old, c.Type)
		same := was != nil && was.Status == c.Status && was.Reason == c.Reason && (!words || was.Message == c.Message)
		if fine := c.Status == metav1.ConditionTrue || c.Reason == reasonStandby; same || c.Type == except || was == nil && fine {
			continue
		}
		kind := corev1.EventTypeNormal
		if c.Status == metav1.ConditionFalse && c.Reason != reasonStandby {
			kind = corev1.EventTypeWarning
		}
		o.tell(obj, kind, c.Reason, c.Message)
	}
}

// tellProblem writes an Event about an FQDN that could not be brought to what is wanted, in the controller's words.
func (o *operator) tellProblem(fqdn string, err error) {
	if config := o.settings.config; config != nil {
		o.tell(config, corev1.EventTypeWarning, reasonOf(err), fqdn+": "+err.Error())
	}
}

// tell writes an Event, unless there were too many.
func (o *operator) tell(obj client.Object, kind, reason, message string) {
	now := time.Now()
	if gained := now.Sub(o.eventsSince) / eventInterval; gained > 0 {
		o.events = max(0, o.events-int(min(gained, eventBurst)))
		o.eventsSince = now
	}
	if o.events >= eventBurst {
		o.log.V(1).Info("event left out", "reason", reason, "message", message)
		return
	}
	o.events++
	o.writer.event(newEvent(obj, kind, reason, shortened(message, eventMessageLimit), now))
}

// shortened is a text of at most so many bytes, cut between characters: API servers take no halves.
func shortened(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}

// newEvent is the Event that an object, a reason and a message always have: the same once more is counted, not added.
func newEvent(obj client.Object, kind, reason, message string, now time.Time) *corev1.Event {
	gvk := gvkOf(obj)
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s", obj.GetUID(), reason, message))
	name := fmt.Sprintf("%.200s.%s", obj.GetName(), hex.EncodeToString(sum[:8]))
	at := metav1.NewTime(now)
	return &corev1.Event{
		ObjectMeta: metav1.ObjectMeta{Namespace: obj.GetNamespace(), Name: name},
		InvolvedObject: corev1.ObjectReference{
			APIVersion: gvk.GroupVersion().String(), Kind: gvk.Kind, Namespace: obj.GetNamespace(), Name: obj.GetName(),
			UID: obj.GetUID(), ResourceVersion: obj.GetResourceVersion(),
		},
		Type: kind, Reason: reason, Message: message, FirstTimestamp: at, LastTimestamp: at, Count: 1,
		Source: corev1.EventSource{Component: component},
	}
}

// event orders an Event.
func (w *statusWriter) event(e *corev1.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pending["Event/"+e.Namespace+"/"+e.Name] = patch{to: e, event: true}
	w.ring()
}

// countedLimit bounds how many Events are remembered with their counts.
const countedLimit = 1000

// writeEvent creates an Event, or counts it once more. After a restart the count of one that is still there begins anew.
func (w *statusWriter) writeEvent(ctx context.Context, e *corev1.Event) error {
	if len(w.counted) > countedLimit {
		clear(w.counted)
	}
	key := e.Namespace + "/" + e.Name
	w.counted[key]++
	err := w.client.Create(ctx, e.DeepCopy())
	if !apierrors.IsAlreadyExists(err) {
		return err
	}
	w.counted[key] = max(w.counted[key], 2)
	again := fmt.Appendf(nil, `{"count":%d,"lastTimestamp":%q}`, w.counted[key], e.LastTimestamp.UTC().Format(time.RFC3339))
	return w.client.Patch(ctx, e.DeepCopy(), client.RawPatch("application/merge-patch+json", again))
}
