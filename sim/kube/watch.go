package kube

import (
	"encoding/json"
	stderrors "errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/errors"
	metainternal "k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/gslbsim/gslbsim/sim/kube/internal/store"
)

// stream is the response of one watch.
type stream struct {
	*exchange
	selection selection
	watcher   *store.Watcher
	// after is the resource version up to which the client knows everything.
	after     uint64
	bookmarks bool
	buffer    []byte
	events    []store.Event
	started   bool

	// mu guards against touching a response whose handler has returned.
	mu   sync.Mutex
	done bool
}

const (
	// batchEvents and batchBytes are how many events are read at once, and how many bytes of them are collected before
	// they are sent.
	batchEvents = 500
	batchBytes  = 1 << 20
)

// watch serves a watch until its client goes, its time is over, or it cannot go on.
func (x *exchange) watch() error {
	options, err := x.listOptions()
	if err != nil {
		return err
	}
	s := &stream{exchange: x, selection: x.selection(options), bookmarks: options.AllowWatchBookmarks}
	first, err := s.position(options)
	if s.watcher != nil {
		defer s.watcher.Stop()
	}
	if err != nil && !errors.IsResourceExpired(err) {
		return err
	}
	if !x.register(s) {
		return errShuttingDown
	}
	defer x.unregister(s)
	x.w.Header().Set("Content-Type", "application/json")
	x.w.WriteHeader(http.StatusOK)
	// From here on an error is part of the stream, also the one of a watch that cannot start.
	if err == nil && options.SendInitialEvents != nil && *options.SendInitialEvents {
		err = s.sendInitial(first)
	}
	if err == nil {
		err = s.run(x.watchDuration(options))
	}
	s.fail(err)
	return nil
}

// position sets where the stream starts, and returns what is there already.
func (s *stream) position(options *metainternal.ListOptions) (first []*store.Object, err error) {
	from, err := parseRV(options.ResourceVersion)
	if err != nil {
		return nil, err
	}
	if from == 0 || options.SendInitialEvents != nil && *options.SendInitialEvents {
		first, s.after, s.watcher = s.table.ListAndWatch(s.target.namespace)
		if from > s.after {
			return nil, errTooNew(from, s.after)
		}
		return first, nil
	}
	s.after = from
	if s.watcher, err = s.table.Watch(from); err != nil {
		return nil, errors.NewResourceExpired(fmt.Sprintf("too old resource version: %d (%d)", from, s.table.OldestRV()))
	}
	return nil, nil
}

func (x *exchange) watchDuration(options *metainternal.ListOptions) time.Duration {
	switch {
	case x.config.WatchDuration > 0:
		return x.config.WatchDuration
	case options.TimeoutSeconds != nil && *options.TimeoutSeconds > 0:
		return time.Duration(*options.TimeoutSeconds) * time.Second
	}
	return defaultWatchDuration
}

// sendInitial sends what there is as if it were added now, and a bookmark that says that this was all.
func (s *stream) sendInitial(first []*store.Object) error {
	for _, o := range s.selection.filter(first) {
		if err := s.append(watch.Added, o); err != nil {
			return err
		}
	}
	if s.bookmarks {
		s.appendBookmark(s.after, true)
	}
	return s.flush()
}

// run sends events as they come. What a select finds first has no influence on what is sent: events go first, then
// bookmarks, then comes the end of the time.
func (s *stream) run(duration time.Duration) error {
	end := time.Now().Add(duration)
	bookmark := s.nextBookmark(end)
	timer := time.NewTimer(time.Until(bookmark))
	defer timer.Stop()
	for {
		reached, drained, err := s.sendNew()
		if err != nil {
			return err
		}
		if !drained {
			continue
		}
		now := time.Now()
		if s.r.Context().Err() != nil || !now.Before(end) {
			return nil
		}
		if !now.Before(bookmark) {
			if reached > s.after {
				s.appendBookmark(reached, false)
				if err := s.flush(); err != nil {
					return err
				}
			}
			bookmark = s.nextBookmark(end)
			timer.Reset(time.Until(bookmark))
		}
		select {
		case <-s.watcher.Wake():
		case <-s.r.Context().Done():
		case <-timer.C:
		}
	}
}

// nextBookmark returns when there is something to do without an event: a bookmark, or the end.
func (s *stream) nextBookmark(end time.Time) time.Time {
	if !s.bookmarks || s.config.BookmarkInterval < 0 {
		return end
	}
	if next := time.Now().Add(s.config.BookmarkInterval); next.Before(end) {
		return next
	}
	return end
}

// sendNew sends some of the events that have come; drained says that these were all. It returns the resource version that
// the stream has reached.
func (s *stream) sendNew() (reached uint64, drained bool, err error) {
	s.events, reached, drained, err = s.watcher.Next(s.events[:0], batchEvents)
	if err != nil {
		return reached, drained, err
	}
	for _, e := range s.events {
		if e.Object.RV <= s.after {
			continue // of a watch from a resource version that had not been reached
		}
		if kind, o := s.selection.seen(e); o != nil {
			if err := s.append(kind, o); err != nil {
				return reached, drained, err
			}
			s.after = e.Object.RV
		}
	}
	clear(s.events) // while there is nothing to do, old objects must not be held
	return reached, drained, s.flush()
}

// seen returns what an event is for somebody who sees the selected objects only; nil if it is nothing.
func (s selection) seen(e store.Event) (watch.EventType, *store.Object) {
	now := e.Type != watch.Deleted && s.matches(e.Object)
	before := e.Prev != nil && s.matches(e.Prev)
	switch {
	case now && before:
		return watch.Modified, e.Object
	case now:
		return watch.Added, e.Object
	case before && e.Type == watch.Deleted:
		return watch.Deleted, e.Object
	case before:
		return watch.Deleted, e.Prev.At(e.Object.RV)
	}
	return "", nil
}

// append adds an event to what is sent next, and sends it if that is enough.
func (s *stream) append(kind watch.EventType, o *store.Object) error {
	s.open(kind)
	switch s.output.form {
	case metadataOnly:
		s.buffer = o.AppendMetadata(s.buffer, partialTypeMeta(s.output.apiVersion))
	case asTable:
		row, err := s.tabulate([]*store.Object{o}, metav1.ListMeta{ResourceVersion: o.Meta.ResourceVersion}, s.output.table)
		if err != nil {
			return err
		}
		s.buffer = append(s.buffer, row...)
		s.output.table.noHeaders = true
	default:
		s.buffer = o.AppendJSON(s.buffer, s.typeMeta)
	}
	s.shut()
	if len(s.buffer) < batchBytes {
		return nil
	}
	return s.flush()
}

func (s *stream) open(kind watch.EventType) {
	s.buffer = append(s.buffer, `{"type":"`...)
	s.buffer = append(s.buffer, kind...)
	s.buffer = append(s.buffer, `","object":`...)
}

func (s *stream) shut() { s.buffer = append(s.buffer, "}\n"...) }

// appendBookmark tells the client up to where it knows everything.
func (s *stream) appendBookmark(rv uint64, initialEnd bool) {
	annotations := ""
	if initialEnd {
		annotations = fmt.Sprintf(`,"annotations":{%q:"true"}`, metav1.InitialEventsAnnotationKey)
	}
	meta := fmt.Sprintf(`"metadata":{"resourceVersion":%q%s}`, strconv.FormatUint(rv, 10), annotations)
	s.open(watch.Bookmark)
	switch s.output.form {
	case metadataOnly:
		s.buffer = append(s.buffer, "{"+partialTypeMeta(s.output.apiVersion)+meta+"}"...)
	case asTable:
		object := "{" + partialTypeMeta(s.output.apiVersion) + meta + "}"
		s.buffer = fmt.Appendf(s.buffer,
			`{"kind":"Table","apiVersion":%q,"metadata":{"resourceVersion":"%d"},"columnDefinitions":[],"rows":[{"cells":[],"object":%s}]}`,
			s.output.apiVersion, rv, object)
	default:
		s.buffer = append(s.buffer, "{"+s.typeMeta+meta+"}"...)
	}
	s.shut()
	s.after = max(s.after, rv)
}

// flush sends what has been appended; the first time, at least the header.
func (s *stream) flush() error {
	if len(s.buffer) == 0 && s.started {
		return nil
	}
	s.started = true
	_, err := s.w.Write(s.buffer)
	s.buffer = s.buffer[:0]
	if err != nil {
		return err
	}
	return http.NewResponseController(s.w).Flush()
}

// fail ends a stream. Only what the client can act on is sent: when it is the connection that has failed, nothing can be.
func (s *stream) fail(err error) {
	if stderrors.Is(err, store.ErrLagging) {
		err = errors.NewResourceExpired("too old resource version: the watch is too far behind; list again")
	}
	if !errors.IsResourceExpired(err) {
		return
	}
	encoded, err := json.Marshal(statusOf(err))
	if err != nil {
		return
	}
	s.open(watch.Error)
	s.buffer = append(s.buffer, encoded...)
	s.shut()
	_ = s.flush() // the stream ends here either way
}

func (s *Server) register(st *stream) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.streams[st] = struct{}{}
	return true
}

func (s *Server) unregister(st *stream) {
	s.mu.Lock()
	delete(s.streams, st)
	s.mu.Unlock()
	st.mu.Lock()
	st.done = true
	st.mu.Unlock()
}

// abort makes a stream that waits for a client that does not read give up.
func (s *stream) abort() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.done {
		_ = http.NewResponseController(s.w).SetWriteDeadline(time.Now()) // unknown to some writers; see Close
	}
}
