package main

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
)

// logLibraries makes client-go and controller-runtime log to handler. They take a logger for the whole process, and read it
// without a lock in goroutines that outlive an operator: they are given one logger, once, that goes where the last call says.
func logLibraries(handler slog.Handler) {
	libraryHandler.Store(&handler)
	libraryLogger()
}

var libraryHandler atomic.Pointer[slog.Handler]

var libraryLogger = sync.OnceFunc(func() {
	log := logr.FromSlogHandler(forward{})
	ctrl.SetLogger(log)
	klog.SetLogger(log.WithName("client-go"))
})

// forward is a handler that passes everything to the one of the last logLibraries.
type forward struct {
	with []func(slog.Handler) slog.Handler
}

func (f forward) Enabled(ctx context.Context, level slog.Level) bool {
	return (*libraryHandler.Load()).Enabled(ctx, level)
}

func (f forward) Handle(ctx context.Context, r slog.Record) error {
	h := *libraryHandler.Load()
	for _, with := range f.with {
		h = with(h)
	}
	return h.Handle(ctx, r)
}

func (f forward) WithAttrs(attrs []slog.Attr) slog.Handler {
	return f.and(func(h slog.Handler) slog.Handler { return h.WithAttrs(attrs) })
}

func (f forward) WithGroup(name string) slog.Handler {
	return f.and(func(h slog.Handler) slog.Handler { return h.WithGroup(name) })
}

func (f forward) and(with func(slog.Handler) slog.Handler) forward {
	return forward{append(slices.Clip(f.with), with)}
}
