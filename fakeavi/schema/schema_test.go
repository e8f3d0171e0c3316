package schema_test

import (
	"bytes"
	"compress/gzip"
	"sort"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
)

func TestCatalogue(t *testing.T) {
	g := NewWithT(t)
	s := schema.Load()
	g.Expect(s.Version()).To(Equal("31.2.1"))
	g.Expect(sort.SliceIsSorted(s.Types(), func(i, j int) bool { return s.Types()[i].Name < s.Types()[j].Name })).To(BeTrue())

	gs, ok := s.Model("GslbService")
	g.Expect(ok).To(BeTrue())
	g.Expect(gs.Permission).To(Equal("PERMISSION_GSLBSERVICE"))
	g.Expect(gs.Message.HasRefs()).To(BeTrue())
	refs := gs.Message.Field("health_monitor_refs")
	g.Expect(refs.Ref).To(Equal("HealthMonitor"))
	g.Expect(refs.Repeated).To(BeTrue())
	g.Expect(refs.ItemsMax).To(Equal(6))
	g.Expect(gs.Message.Field("groups").Message.Field("members").ItemsMin).To(Equal(1))
	g.Expect(gs.Message.Field("nothing")).To(BeNil())
	g.Expect(gs.Message.Field("_last_modified").ReadOnly).To(BeTrue())

	for name, want := range map[string]bool{"cluster": true, "systemconfiguration": true, "controllerproperties": true, "gslb": false} {
		typ, ok := s.Type(name)
		g.Expect(ok).To(BeTrue(), name)
		g.Expect(typ.Singleton).To(Equal(want), name)
	}
	site, ok := s.Message("GslbSite")
	g.Expect(ok).To(BeTrue())
	g.Expect(site.Field("password").Sensitive).To(BeTrue())
	g.Expect(site.Field("username").Sensitive).To(BeFalse())
	_, ok = s.Type("nosuchthing")
	g.Expect(ok).To(BeFalse())
}

// Defaults must themselves be values that the schema takes, else no object could be written back.
func TestDefaultsAreValid(t *testing.T) {
	seen := map[*schema.Message]bool{}
	var walk func(m *schema.Message)
	walk = func(m *schema.Message) {
		if seen[m] {
			return
		}
		seen[m] = true
		for i := range m.Fields {
			f := &m.Fields[i]
			if f.Message != nil {
				walk(f.Message)
			}
			if f.Default == nil {
				continue
			}
			one := &schema.Type{Model: m.Name, Message: &schema.Message{Name: m.Name, Fields: []schema.Field{*f}}}
			one.Message.Fields[0].ReadOnly = false
			if _, err := one.Normalize(map[string]any{f.Name: f.Default}, schema.Options{}); err != nil {
				t.Errorf("default of %s.%s: %v", m.Name, f.Name, err)
			}
		}
	}
	for _, typ := range schema.Load().Types() {
		walk(typ.Message)
	}
	if len(seen) < 500 {
		t.Errorf("only %d messages seen", len(seen))
	}
}

func TestVersions(t *testing.T) {
	g := NewWithT(t)
	ratio, _ := schema.Load().Message("GslbPool")
	mask6 := ratio.Field("consistent_hash_mask6") // introduced in 18.2.8 and 20.1.1
	for text, want := range map[string]bool{
		"18.1.9": false, "18.2.7": false, "18.2.8": true, "18.2.12": true, "20.1.0": false, "20.1.1": true, "22.1.2": true, "31.2.1": true,
	} {
		v, err := schema.ParseVersion(text)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(mask6.In(v)).To(Equal(want), text)
	}
	g.Expect(mask6.In(schema.Version{})).To(BeTrue())

	for text, want := range map[string]string{"31.2.1": "31.2.1", "22.1": "22.1.0", "30.2.1-9123": "30.2.1", "22.1.3.2": "22.1.3"} {
		v, err := schema.ParseVersion(text)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(v.String()).To(Equal(want))
	}
	for _, text := range []string{"", "x", "1.x", "-1.2.3", "31..2"} {
		_, err := schema.ParseVersion(text)
		g.Expect(err).To(HaveOccurred(), text)
	}
}

func TestEachRef(t *testing.T) {
	g := NewWithT(t)
	typ, _ := schema.Load().Type("virtualservice")
	body := map[string]any{
		"name": "vs", "pool_ref": "P", "http_policies": []any{map[string]any{"http_policy_set_ref": "H", "index": int64(1)}},
		"ssl_key_and_certificate_refs": []any{"K1", "K2"},
	}
	var seen []string
	err := typ.Message.EachRef(body, func(r schema.Ref) (string, error) {
		seen = append(seen, r.Path+"="+r.Value+" "+r.Field.Ref)
		return r.Value + "!", nil
	})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(seen).To(Equal([]string{
		"http_policies[0].http_policy_set_ref=H HTTPPolicySet", "pool_ref=P Pool",
		"ssl_key_and_certificate_refs[0]=K1 SSLKeyAndCertificate", "ssl_key_and_certificate_refs[1]=K2 SSLKeyAndCertificate",
	}))
	g.Expect(body["ssl_key_and_certificate_refs"]).To(Equal([]any{"K1!", "K2!"}))
}

func TestCarryOver(t *testing.T) {
	g := NewWithT(t)
	typ, _ := schema.Load().Type("gslb")
	site := func(uuid, password string) map[string]any {
		return map[string]any{"cluster_uuid": uuid, "name": uuid, "password": password}
	}
	old := map[string]any{
		"sites":             []any{site("c1", "one"), site("c2", "two")},
		"third_party_sites": []any{map[string]any{"name": "t1", "cluster_uuid": "tp_cluster-1"}, map[string]any{"name": "t2", "cluster_uuid": "tp_cluster-2"}},
	}
	body := map[string]any{
		"sites":             []any{site("c2", schema.Masked), site("c1", "changed"), site("c3", "three")},
		"third_party_sites": []any{map[string]any{"name": "t2"}, map[string]any{"name": "t3"}},
	}
	typ.Message.CarryOver(old, body)
	g.Expect(body["sites"]).To(Equal([]any{site("c2", "two"), site("c1", "changed"), site("c3", "three")}))
	g.Expect(body["third_party_sites"]).To(Equal([]any{
		map[string]any{"name": "t2", "cluster_uuid": "tp_cluster-2"}, map[string]any{"name": "t3"},
	}), "a new site has no identifier yet")
}

func TestEncodeDecode(t *testing.T) {
	g := NewWithT(t)
	c := &schema.Catalog{
		Version: "1.2.3", Enums: [][]string{{"A", "B"}},
		Types: []*schema.Type{{Name: "thing", Model: "Thing", Permission: "P", Singleton: true}},
		Messages: []*schema.Message{
			{Name: "Part", Fields: []schema.Field{{Name: "x", Kind: schema.Float, Default: 1.5, Allowed: []schema.Interval{{Low: -1, High: 2}}}}},
			{Name: "Thing", Fields: []schema.Field{
				{Name: "b", Kind: schema.Bool, Default: false, ReadOnly: true}, {Name: "e", EnumID: 1, Default: "A"},
				{Name: "n", Kind: schema.Uint32, Default: int64(7), Required: true, SinceText: []string{"1.1.1", "2.0.0"}},
				{Name: "p", Kind: schema.Object, MessageName: "Part", Repeated: true, ItemsMin: 1, ItemsMax: 3},
				{Name: "r", Ref: "Thing", Sensitive: true}, {Name: "s", Default: "tab\tline\n\"quote\""},
			}},
		},
	}
	data, err := schema.Encode(c)
	g.Expect(err).NotTo(HaveOccurred())
	s, err := schema.Decode(data)
	g.Expect(err).NotTo(HaveOccurred())
	thing, ok := s.Model("Thing")
	g.Expect(ok).To(BeTrue())
	g.Expect(thing.Singleton).To(BeTrue())
	for i := range c.Messages[1].Fields {
		want, got := c.Messages[1].Fields[i], *thing.Message.Field(c.Messages[1].Fields[i].Name)
		g.Expect([]any{got.Default}).To(Equal([]any{want.Default}), want.Name)
		g.Expect([]any{got.Kind, got.Repeated, got.MessageName, got.Ref, got.EnumID, got.ItemsMin, got.ItemsMax, got.Required, got.ReadOnly, got.Sensitive}).
			To(Equal([]any{want.Kind, want.Repeated, want.MessageName, want.Ref, want.EnumID, want.ItemsMin, want.ItemsMax, want.Required, want.ReadOnly, want.Sensitive}))
	}
	g.Expect(thing.Message.Field("e").Enum).To(Equal([]string{"A", "B"}))
}

func TestDecodeRefusesDamage(t *testing.T) {
	zip := func(text string) []byte {
		var buf bytes.Buffer
		zw := gzip.NewWriter(&buf)
		_, _ = zw.Write([]byte(text))
		_ = zw.Close()
		return buf.Bytes()
	}
	for name, data := range map[string][]byte{
		"not gzip":             []byte("hello"),
		"unknown record":       zip("Q\tx\n"),
		"field first":          zip("F\ta\t0\n"),
		"unknown kind":         zip("M\tA\nF\ta\t99\n"),
		"unknown attribute":    zip("M\tA\nF\ta\t0\tz\n"),
		"bad number":           zip("M\tA\nF\ta\t0\ti?\n"),
		"bad default":          zip("M\tA\nF\ta\t2\td?\n"),
		"unknown message":      zip("M\tA\nF\ta\t7\tmB\n"),
		"unknown enumeration":  zip("M\tA\nF\ta\t0\te1\n"),
		"type without message": zip("T\ta\tA\tP\n"),
		"short type":           zip("T\ta\n"),
		"too large":            zip(string(bytes.Repeat([]byte("E\tx\n"), 3<<20))),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := schema.Decode(data); err == nil {
				t.Error("no error")
			}
		})
	}
}
