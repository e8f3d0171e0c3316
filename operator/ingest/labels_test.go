package ingest_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/ingest"
)

func TestLabelsAreThoseOfTheMap(t *testing.T) {
	g := NewWithT(t)
	m := map[string]string{"app": "gslb", "tier": "", "example.com/app": "app"}
	l := ingest.LabelsOf(m)
	for key, want := range m {
		value, ok := l.Get(key)
		g.Expect(ok).To(BeTrue(), key)
		g.Expect(value).To(Equal(want), key)
	}
	for _, key := range []string{"", "gslb", "ap", "app2", "example.com"} {
		_, ok := l.Get(key)
		g.Expect(ok).To(BeFalse(), "%q is a value, a part of a key, or nothing", key)
	}
	g.Expect(l).To(Equal(ingest.LabelsOf(map[string]string{"example.com/app": "app", "tier": "", "app": "gslb"})))
	g.Expect(ingest.LabelsOf(nil)).To(Equal(ingest.Labels{}))
}
