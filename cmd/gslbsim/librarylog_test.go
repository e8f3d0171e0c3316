package main

import (
	"log/slog"
	"testing"

	. "github.com/onsi/gomega"
)

func TestLibrariesLogWhereTheLastOperatorDoes(t *testing.T) {
	g := NewWithT(t)
	plain := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	var first, second lines
	var a, b slog.Handler = slog.NewTextHandler(&first, plain), slog.NewTextHandler(&second, plain)
	before := libraryHandler.Swap(&a)
	defer libraryHandler.Store(before)
	log := slog.New(forward{}).With("cluster", "east").WithGroup("watch")
	also := log.With("kind", "Ingress")
	log.Info("begins", "kind", "Route")
	libraryHandler.Store(&b)
	also.Warn("ends")
	g.Expect(first.String()).To(Equal("level=INFO msg=begins cluster=east watch.kind=Route\n"))
	g.Expect(second.String()).To(Equal("level=WARN msg=ends cluster=east watch.kind=Ingress\n"))
}
