package manifest_test

import (
	"errors"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/manifest"
)

// What Parse and Check find together is what Load finds, and documents with
// faults are there to be looked at.
func TestParseAndCheckFindWhatLoadFinds(t *testing.T) {
	for name, tc := range map[string]struct {
		src       string
		documents int
		classes   []manifest.Class
	}{
		"values":        {"configs: {logLevel: INFO}\n", 1, []manifest.Class{"", ""}},
		"out of range":  {"apiVersion: amko.vmware.com/v1alpha2\nkind: GlobalDeploymentPolicy\nmetadata: {name: g}\nspec: {ttl: 86401}\n", 1, []manifest.Class{""}},
		"unknown field": {"apiVersion: v1\nkind: Namespace\nmetadata: {name: dev}\nspce: {}\n", 1, []manifest.Class{manifest.UnknownField}},
		"refused": {"apiVersion: amko.vmware.com/v1alpha1\nkind: GSLBHostRule\nmetadata: {name: r}\nspec:\n  fqdn: a.b\n  healthMonitorRefs: [x]\n  healthMonitorTemplate: hm\n",
			1, []manifest.Class{manifest.Refused}},
		"key twice":    {"apiVersion: v1\nkind: Namespace\nmetadata: {name: dev, name: test}\n", 1, []manifest.Class{manifest.AmbiguousKey}},
		"unknown kind": {"apiVersion: v1\nkind: Namspace\nmetadata: {name: dev}\n", 1, []manifest.Class{manifest.UnknownKind}},
		"no YAML":      {"a: b: c\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: dev}\n", 1, []manifest.Class{manifest.Syntax}},
		"list":         {"- a\n- b\n", 0, []manifest.Class{manifest.NoObject}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			var loaded, found manifest.Errors
			_, err := manifest.Load("f", []byte(tc.src), manifest.Options{})
			errors.As(err, &loaded)
			documents, err := manifest.Parse("f", []byte(tc.src), manifest.Options{})
			errors.As(err, &found)
			g.Expect(documents).To(HaveLen(tc.documents))
			for i := range documents {
				var more manifest.Errors
				errors.As(documents[i].Check(manifest.Options{}), &more)
				found = append(found, more...)
			}
			g.Expect(found).To(Equal(loaded))
			var classes []manifest.Class
			for _, e := range found {
				classes = append(classes, e.Class)
			}
			g.Expect(classes).To(Equal(tc.classes))
		})
	}
}
