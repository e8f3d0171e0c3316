package kube

import (
	"fmt"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/gslbsim/gslbsim/sim/kube/internal/store"
)

// Config says what a Server serves. The zero value serves DefaultBuiltins without custom resources.
type Config struct {
	// Name tells clusters apart: uids and generated names are derived from it, so that two servers with the same name and
	// the same requests hold the same bytes.
	Name string
	// CRDs are the custom resources served from the start; more can be added through the API. They are copied.
	CRDs []*apiextensionsv1.CustomResourceDefinition
	// Validators returns the validators of a CustomResourceDefinition by version. It is called when the definition is
	// installed and whenever it changes; an error refuses it. A version without a validator accepts objects as they come:
	// nothing is defaulted, pruned or refused but metadata. nil: SchemaValidators.
	Validators func(*apiextensionsv1.CustomResourceDefinition) (map[string]Validator, error)
	// Builtins are the resources whose types come from client-go. nil: DefaultBuiltins. Namespaces and
	// CustomResourceDefinitions are always served.
	Builtins []Builtin
	// RequireNamespaces makes writes to a namespace that does not exist fail with 404, as a real server does. Otherwise
	// the namespace is created with the first object in it.
	RequireNamespaces bool
	// HistoryLimit is how many changes of one resource are kept for watches that come back; older ones are answered with
	// 410 Gone. 0: 10,000. The history of a resource is also bounded to 64 MiB.
	HistoryLimit int
	// WatchLag is how many changes a watch may be behind before it is ended with 410 Gone. 0: 100,000.
	WatchLag int
	// ObjectLimit is how many objects the server holds; then creates fail with 500, as when etcd is full. 0: 500,000.
	ObjectLimit int
	// BodyLimit bounds the body of a request in bytes; more is refused with 413. 0: 3 MiB, as the real server.
	BodyLimit int64
	// WatchDuration, if positive, is how long every watch lasts, whatever its client asks for. client-go draws the
	// duration that it asks for from the global random source, so that without this two equal runs differ in when they
	// watch anew. 0: as long as the client asks, else 30 minutes.
	WatchDuration time.Duration
	// BookmarkInterval is how often watches that allow bookmarks are told how far they are. 0: a minute. Negative: never.
	BookmarkInterval time.Duration
	// Version is what /version reports. "": v1.37.0.
	Version string
}

const (
	defaultHistoryLimit  = 10_000
	historyBytesLimit    = 64 << 20
	defaultWatchLag      = 100_000
	defaultObjectLimit   = 500_000
	defaultBodyLimit     = 3 << 20
	defaultWatchDuration = 30 * time.Minute
	defaultBookmarks     = time.Minute
	defaultVersion       = "v1.37.0"
)

// withDefaults returns the configuration with its zero values filled in.
func (c Config) withDefaults() (Config, error) {
	limits := []struct {
		name  string
		value *int
		unset int
	}{
		{"HistoryLimit", &c.HistoryLimit, defaultHistoryLimit},
		{"WatchLag", &c.WatchLag, defaultWatchLag},
		{"ObjectLimit", &c.ObjectLimit, defaultObjectLimit},
	}
	for _, l := range limits {
		if *l.value < 0 {
			return c, fmt.Errorf("kube: Config.%s is %d; use a positive number, or 0 for %d", l.name, *l.value, l.unset)
		}
		if *l.value == 0 {
			*l.value = l.unset
		}
	}
	if c.BodyLimit < 0 {
		return c, fmt.Errorf("kube: Config.BodyLimit is %d; use a positive number of bytes, or 0 for %d", c.BodyLimit, defaultBodyLimit)
	}
	if c.BodyLimit == 0 {
		c.BodyLimit = defaultBodyLimit
	}
	if c.WatchDuration < 0 {
		return c, fmt.Errorf("kube: Config.WatchDuration is %s; use a positive duration, or 0 to let clients choose", c.WatchDuration)
	}
	if c.BookmarkInterval == 0 {
		c.BookmarkInterval = defaultBookmarks
	}
	if c.Version == "" {
		c.Version = defaultVersion
	}
	if c.Validators == nil {
		c.Validators = SchemaValidators
	}
	if c.Builtins == nil {
		c.Builtins = DefaultBuiltins()
	}
	return c, nil
}

func (c Config) storeLimits() store.Limits {
	return store.Limits{
		Objects:       c.ObjectLimit,
		HistoryEvents: c.HistoryLimit,
		HistoryBytes:  historyBytesLimit,
		WatchLag:      c.WatchLag,
	}
}
