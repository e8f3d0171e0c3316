package manifest_test

import (
	"fmt"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/manifest"
)

func ExampleDocument_Position() {
	const src = `apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  ports:
  - port: 80
`
	documents, err := manifest.Load("web.yaml", []byte(src), manifest.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Println(documents[0].Position("spec.ports[0].port"))
	// Not in the file: where the nearest parent stands.
	fmt.Println(documents[0].Position("spec.ports[0].protocol"))
	// Output:
	// 7 5
	// 7 5
}

const positioned = `# A comment before the first document.
apiVersion: example.com/v1
kind: Thing
metadata:
  name: first
  labels:
    app.kubernetes.io/name: web
    app: web
spec:
  base: &base
    weight: 1
    nested: {ttl: 5}
  copy: *base
  merged:
    <<: *base
    own: 2
  list:
  - 10
  - key: value
  - [a, b]
  text: |
    a
    b
---
apiVersion: v1
kind: List
items:
- {apiVersion: example.com/v1, kind: Thing, metadata: {name: second}, spec: {x: 1}}
- apiVersion: example.com/v1
  kind: Thing
  metadata:
    name: third
`

func TestPositions(t *testing.T) {
	g := NewWithT(t)
	documents, err := manifest.Load("f", []byte(positioned), manifest.Options{AllowUnknownKinds: true})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(documents).To(HaveLen(3))
	for _, test := range []struct {
		document     int
		path         string
		line, column int
	}{
		{0, "", 2, 1},
		{0, "kind", 3, 1},
		{0, "metadata.name", 5, 3},
		{0, "metadata.labels.app.kubernetes.io/name", 7, 5},
		{0, "metadata.labels[app.kubernetes.io/name]", 7, 5},
		{0, "metadata.labels.app", 8, 5},
		{0, "spec.base.weight", 11, 5},
		{0, "spec.copy", 13, 3},
		{0, "spec.copy.weight", 11, 5},
		{0, "spec.merged.nested.ttl", 12, 14},
		{0, "spec.merged.own", 16, 5},
		{0, "spec.list[0]", 18, 5},
		{0, "spec.list[1].key", 19, 5},
		{0, "spec.list[2][1]", 20, 9},
		{0, "spec.text", 21, 3},
		// What is not there stands where its nearest parent does.
		{0, "spec.list[1].other", 19, 5},
		{0, "spec.list[9].key", 17, 3},
		{0, "spec.list[x]", 17, 3},
		{0, "spec.base.weight.more", 11, 5},
		{0, "status.state", 2, 1},
		{0, "metadata.namex", 4, 1},
		{1, "", 28, 3},
		{1, "spec.x", 28, 78},
		{2, "metadata.name", 32, 5},
		{2, "status", 29, 3},
	} {
		line, column := documents[test.document].Position(test.path)
		g.Expect([]int{line, column}).To(Equal([]int{test.line, test.column}), "%d %s", test.document, test.path)
	}
}

// Lines are those of the file, whatever ends or precedes them.
func TestLinesOfOtherTexts(t *testing.T) {
	for _, test := range []struct{ name, src, want string }{
		{"CRLF", "apiVersion: v1\r\nkind: Namespace\r\n---\r\napiVersion: v1\r\nkind: Namespace\r\nmetadata:\r\n  name: a.b\r\n",
			"f:1: metadata: is missing (add metadata with a name)\nf:7: metadata.name: \"a.b\": must not contain dots"},
		{"byte order mark", "\xef\xbb\xbfapiVersion: v1\nkind: Namespace\nmetadata: {}\n", "f:3: metadata.name: is missing (name or generateName is required)"},
		{"separator with comment", "--- # one\napiVersion: v1\n---   \nkind: Namespace\n",
			"f:2: kind: is missing (add it)\nf:4: apiVersion: is missing (add it)"},
		{"no line end", "apiVersion: v1\nkind: Namespace\nmetadata: {}", "f:3: metadata.name: is missing (name or generateName is required)"},
		{"JSON", "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"Namespace\",\n  \"metadata\": {\n    \"name\": \"a.b\"\n  }\n}\n",
			"f:5: metadata.name: \"a.b\": must not contain dots"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := manifest.Load("f", []byte(test.src), manifest.Options{})
			NewWithT(t).Expect(err).To(MatchError(test.want))
		})
	}
}
