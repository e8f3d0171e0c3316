package ingest_test

import (
	"fmt"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/gslbsim/gslbsim/operator/ingest"
)

// read makes an object of YAML.
func read[T any](t *testing.T, text string) *T {
	t.Helper()
	var o T
	if err := yaml.UnmarshalStrict([]byte(text), &o); err != nil {
		t.Fatal(err)
	}
	return &o
}

// untyped makes an object of YAML that has no Go type.
func untyped(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	return &unstructured.Unstructured{Object: *read[map[string]any](t, text)}
}

// lines say what matters of candidates, one line each.
func lines(candidates []ingest.Candidate) []string {
	out := []string{}
	for _, c := range candidates {
		words := []string{c.Source.String()}
		if !strings.HasSuffix(words[0], "/"+c.Host) {
			words = append(words, c.Host)
		}
		words = append(words, c.VIP.String())
		add := func(yes bool, format string, args ...any) {
			if yes {
				words = append(words, fmt.Sprintf(format, args...))
			}
		}
		add(c.VirtualService != "", "vs %s", c.VirtualService)
		add(c.Controller != "", "of %s", c.Controller)
		add(c.Tenant != "", "tenant %s", c.Tenant)
		add(c.TLS, "TLS")
		add(c.Passthrough, "passthrough")
		add(c.Paths != nil, "%s", strings.Join(c.Paths, " "))
		add(c.WebPort != 0, "on %d", c.WebPort)
		add(c.Port != 0, "%s %d", strings.TrimPrefix(string(c.Probe), "HEALTH_MONITOR_"), c.Port)
		add(c.Subdomain != "", "subdomain %s", c.Subdomain)
		add(c.Unmappable, "unmappable")
		out = append(out, strings.Join(words, " "))
	}
	return out
}
