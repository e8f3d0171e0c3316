package main

import (
	"bytes"
	"context"
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/gslbsim/gslbsim/operator/chart/charttest"
	"github.com/gslbsim/gslbsim/operator/crds"
	"github.com/gslbsim/gslbsim/operator/preview"
	"github.com/gslbsim/gslbsim/sim/kube"
)

var update = flag.Bool("update", false, "write the expected plans of labs anew")

const labsFolder = "../../operator/testdata/labs"

// The files of labs apply unchanged: the chart takes the values, API servers with the operator's definitions take every
// object, and the operator makes of them the GSLB services that expected.txt has.
//
// Shows: labs-apply
func TestLabs(t *testing.T) {
	for _, lab := range []struct {
		name   string
		values []string // laid over one another
		key    string   // of the chart as a dependency
		own    []string // further objects of the operator's cluster
		// clusters are the folders of the member clusters by context.
		clusters map[string]string
	}{
		{name: "home-lab", values: []string{"values.yaml"}, clusters: map[string]string{
			"k8slab-admin@k8slab": "k8slab", "tkgs-cluster-1-admin@tkgs-cluster-1": "tkgs-cluster-1"}},
		{name: "online-shop", values: []string{"values.yaml"}, clusters: map[string]string{
			"nsxbaas-tkg-wld-site01-admin@nsxbaas-tkg-wld-site01": "site01", "site02-nsxbaas-tkg-wld-admin@site02-nsxbaas-tkg-wld": "site02"}},
		{name: "three-zones", values: []string{"values.yaml", "canary.yaml"}, clusters: map[string]string{"s1az1": "s1az1", "s1az2": "s1az2", "s2": "s2"}},
		{name: "active-passive", values: []string{"region01.yaml"}, key: "avi-amko", own: []string{"gslb-rule.yaml"}, clusters: map[string]string{
			"avi-amko-sa@aclab-vks-01": "region01", "avi-amko-sa@aclab-vks-02": "region02"}},
	} {
		t.Run(lab.name, func(t *testing.T) {
			g := NewWithT(t)
			folder := filepath.Join(labsFolder, lab.name)
			in := preview.Input{Own: renderLab(t, folder, lab.values, lab.key), Members: map[string][]*unstructured.Unstructured{}}
			for _, name := range lab.own {
				in.Own = append(in.Own, labObjects(t, filepath.Join(folder, name))...)
			}
			applied(t, in.Own)
			for context, name := range lab.clusters {
				in.Members[context] = labObjects(t, filepath.Join(folder, name))
				applied(t, in.Members[context])
			}
			plan, err := preview.Make(context.Background(), in)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(plan.Problems).To(BeEmpty())
			var text bytes.Buffer
			g.Expect(plan.WriteText(&text)).To(Succeed())
			expected := filepath.Join(folder, "expected.txt")
			if *update {
				g.Expect(os.WriteFile(expected, text.Bytes(), 0o600)).To(Succeed())
			}
			want, err := os.ReadFile(expected)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(text.String()).To(Equal(string(want)))
		})
	}
}

// renderLab is what the operator's chart makes of a lab's values. Labs give the controller's address when they install.
func renderLab(t *testing.T, folder string, files []string, key string) []*unstructured.Unstructured {
	t.Helper()
	g := NewWithT(t)
	values := map[string]any{}
	for _, file := range files {
		raw, err := os.ReadFile(filepath.Join(folder, file))
		g.Expect(err).NotTo(HaveOccurred())
		layer := map[string]any{}
		g.Expect(yaml.Unmarshal(raw, &layer)).To(Succeed())
		if key != "" {
			layer = layer[key].(map[string]any)
		}
		lay(values, layer)
	}
	lay(values, map[string]any{"configs": map[string]any{"amkoUUID": "6f1c3a52-7d9e-11ee-b962-0242ac120002"}})
	if configs := values["configs"].(map[string]any); configs["gslbLeaderController"] == "" {
		configs["gslbLeaderController"] = "10.10.20.42"
	}
	raw, err := yaml.Marshal(values)
	g.Expect(err).NotTo(HaveOccurred())
	rendered, err := charttest.Release{Folder: "../../operator/chart", Values: string(raw)}.Render()
	g.Expect(err).NotTo(HaveOccurred())
	return rendered.Objects
}

// lay lays values over others, as Helm does with several files.
func lay(values, over map[string]any) {
	for key, value := range over {
		below, isMap := values[key].(map[string]any)
		if object, ok := value.(map[string]any); ok && isMap {
			lay(below, object)
			continue
		}
		values[key] = value
	}
}

func labObjects(t *testing.T, name string) []*unstructured.Unstructured {
	t.Helper()
	objects, err := readObjects(name, "avi-system", nil)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return objects
}

// applied creates objects on a fresh API server with strict field validation.
func applied(t *testing.T, objects []*unstructured.Unstructured) {
	t.Helper()
	g := NewWithT(t)
	server, err := kube.New(kube.Config{CRDs: crds.All()})
	g.Expect(err).NotTo(HaveOccurred())
	defer server.Close()
	web := httptest.NewServer(server)
	defer web.Close()
	c, err := client.New(&rest.Config{Host: web.URL, QPS: -1}, client.Options{Scheme: clientgoscheme.Scheme})
	g.Expect(err).NotTo(HaveOccurred())
	for _, object := range objects {
		g.Expect(c.Create(context.Background(), object.DeepCopy(), client.FieldValidation("Strict"))).To(Succeed(), object.GetKind()+" "+object.GetName())
	}
}
