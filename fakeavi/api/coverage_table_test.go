package api_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
)

//go:generate go test -count=1 -run ^TestCoverageTable$ . -update

var update = flag.Bool("update", false, "write docs/fakeavi-coverage.md anew")

// coverageFile is the table as it is committed.
const coverageFile = "../../docs/fakeavi-coverage.md"

// step is one transition of a field's value, and the replies in which it is looked for.
type step struct {
	name    string
	replies map[string]map[string]any // by operation
	want    map[string]any            // what was sent; nil: the field was left out
}

// TestCoverageTable takes every field of the SDK's GSLB models through every transition, and looks for it in the reply of every
// operation. The outcome is a table in the documentation, which must be current.
func TestCoverageTable(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	c := f.login()
	var table bytes.Buffer
	sum := tally{}
	for _, model := range gslbModels {
		typ := typeOf(g, f, model)
		steps := c.transitions(typ)
		fmt.Fprintf(&table, "\n## %s\n\n| field | default | AMKO | create | change | clear | patch |\n|---|---|---|---|---|---|---|\n", typ.Model)
		walkModel(reflect.TypeOf(model), typ.Message, "", func(path string, field *schema.Field) {
			row := sum.row(typ.Name, path, field, steps)
			fmt.Fprintf(&table, "| %s |\n", strings.Join(row, " | "))
		})
	}
	g.Expect(sum.missing).To(BeEmpty(), "fields that AMKO writes or reads")
	g.Expect(sum.amko).To(Equal(amkoFields()), "every field that AMKO uses is one of the models")
	g.Expect(100 * sum.kept).To(BeNumerically(">=", 95*sum.fields))
	text := coverageHead(sum) + table.String()
	if *update {
		g.Expect(os.WriteFile(coverageFile, []byte(text), 0o644)).To(Succeed())
	}
	committed, err := os.ReadFile(coverageFile)
	g.Expect(err).NotTo(HaveOccurred())
	if !bytes.Equal(committed, []byte(text)) {
		t.Errorf("%s is not current, run: go generate ./fakeavi/api", coverageFile)
	}
}

func coverageHead(sum tally) string {
	return fmt.Sprintf(`# What the fake controller keeps of the GSLB models

Made by a test (`+"`go generate ./fakeavi/api`"+`), which fails when it is not current. Every field of the SDK's models, at every
depth, goes through four transitions:

- create: POST with a value;
- change: PUT with another value, where the field takes two;
- clear: PUT without the field, which gives it its default, or takes it away;
- patch: PATCH replaces the top-level field that holds it.

After each the value is looked for in the reply of the write, in GET of the object and in the list. A tick means that it is in all
three; "read-only" fields are the controller's own and ignore what is sent; secrets come back masked. The column AMKO says which
fields the operator of that name writes (w) and reads (r).

%d of %d fields are kept through all transitions (%.1f %%). %d of %d defaults are filled in.
Of the fields that AMKO writes or reads, %d of %d are.
`, sum.kept, sum.fields, 100*float64(sum.kept)/float64(sum.fields), sum.defaulted, sum.defaults, sum.amko-len(sum.missing), sum.amko)
}

func typeOf(g *GomegaWithT, f *fixture, model any) *schema.Type {
	name := reflect.TypeOf(model).Name()
	typ, ok := f.store.Schema().Model(name)
	if !ok {
		typ, ok = f.store.Schema().Type(strings.ToLower(name))
	}
	g.Expect(ok).To(BeTrue(), name)
	return typ
}

// transitions takes an object of a type through its life.
func (c *client) transitions(typ *schema.Type) []step {
	first, second := &values{t: c.t.(*testing.T), store: c.store}, &values{t: c.t.(*testing.T), store: c.store, other: true}
	sent, other, sparse := first.body(typ.Message, true), second.body(typ.Message, true), first.body(typ.Message, false)
	other["name"], sparse["name"] = "another name", "sparse"
	posted := c.do(201, "POST", "/api/"+typ.Name, encode(c.t, sent))
	path := "/api/" + typ.Name + "/" + posted["uuid"].(string)
	after := func(name string, write, want map[string]any) step {
		return step{name, map[string]map[string]any{
			"write": write, "get": c.do(200, "GET", path, ""),
			"list": c.do(200, "GET", "/api/"+typ.Name+"?page_size=200&uuid="+posted["uuid"].(string), "")["results"].([]any)[0].(map[string]any),
		}, want}
	}
	steps := []step{after("create", posted, sent)}
	steps = append(steps, after("change", c.do(200, "PUT", path, encode(c.t, other)), other))
	steps = append(steps, after("clear", c.do(200, "PUT", path, encode(c.t, sparse)), nil))
	return append(steps, after("patch", c.do(200, "PATCH", path, encode(c.t, map[string]any{"replace": sent})), sent))
}

// tally counts.
type tally struct {
	fields, kept, defaults, defaulted, amko int
	missing                                 []string
}

// row is the table's line about a field.
func (s *tally) row(typ, path string, f *schema.Field, steps []step) []string {
	s.fields++
	user := amkoUses(typ, path)
	out := []string{"`" + path + "`", "", user}
	good := f != nil
	for _, st := range steps {
		cell := st.judge(path, f)
		good = good && cell != "-"
		out = append(out, cell)
	}
	if f != nil && f.Default != nil && !f.Repeated && !controllers(path, f) {
		out[1] = fmt.Sprintf("`%v`", f.Default)
		if steps[2].cleared(path, f) {
			s.defaults++
			s.defaulted++
		} else if dig(steps[2].replies["get"], parent(path)) != nil {
			s.defaults++
			good = false
		}
	}
	if good {
		s.kept++
	}
	if user != "" {
		s.amko++
		if !good {
			s.missing = append(s.missing, typ+"."+path)
		}
	}
	return out
}

// controllers reports whether a field is the controller's own, whatever is sent. The schema does not mark all of them.
func controllers(path string, f *schema.Field) bool {
	return f.ReadOnly || path == "uuid" || path == "tenant_ref" || strings.HasPrefix(path, "configpb_attributes")
}

// judge says what became of a field in a step: a tick, or "-" if it was lost in some reply.
func (st step) judge(path string, f *schema.Field) string {
	switch {
	case f == nil:
		return "-"
	case controllers(path, f):
		return "read-only"
	case st.want == nil && st.cleared(path, f):
		return "✓"
	case st.want == nil:
		return "-"
	}
	want := dig(decodeAny(st.want), path)
	for _, reply := range st.replies {
		if lacks(path, want, dig(reply, path)) != "" {
			return "-"
		}
	}
	return "✓"
}

// cleared reports whether a field that was left out is at its default, or absent if it has none. Messages and required fields are sent
// all the same, and keep what they hold.
func (st step) cleared(path string, f *schema.Field) bool {
	for _, reply := range st.replies {
		got := dig(reply, path)
		switch {
		case f.Message != nil || f.Required && f.Default == nil:
			if got == nil && dig(reply, parent(path)) != nil {
				return false
			}
		case f.Default != nil && !f.Repeated:
			if got == nil && dig(reply, parent(path)) != nil || got != nil && fmt.Sprint(got) != fmt.Sprint(f.Default) {
				return false
			}
		case got != nil:
			return false
		}
	}
	return true
}

// decodeAny brings a body into the form that replies are decoded to.
func decodeAny(body map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range body {
		out[k] = normal(v)
	}
	return out
}

func normal(v any) any {
	switch x := v.(type) {
	case map[string]any:
		return decodeAny(x)
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = normal(x[i])
		}
		return out
	case int:
		return float64(x)
	}
	return v
}

// amkoWrites and amkoReads are the fields that AMKO sends, and those that it takes from replies.
var (
	amkoWrites = map[string]string{
		"gslbservice": `name tenant_ref domain_names description created_by enabled is_federated controller_health_status_enabled health_monitor_scope
			pool_algorithm min_members resolve_cname use_edns_client_subnet wildcard_match ttl site_persistence_enabled
			application_persistence_profile_ref pki_profile_ref health_monitor_refs down_response down_response.type down_response.fallback_ip
			down_response.fallback_ip.addr down_response.fallback_ip.type groups groups.name groups.priority groups.algorithm
			groups.fallback_algorithm groups.consistent_hash_mask groups.enabled groups.min_health_monitors_up groups.members
			groups.members.enabled groups.members.ratio groups.members.ip groups.members.ip.addr groups.members.ip.type
			groups.members.cluster_uuid groups.members.vs_uuid groups.members.public_ip groups.members.public_ip.ip
			groups.members.public_ip.ip.addr groups.members.public_ip.ip.type`,
		"healthmonitor": `name tenant_ref type description is_federated allow_duplicate_monitors send_interval receive_timeout successful_checks
			failed_checks monitor_port markers markers.key markers.values http_monitor http_monitor.http_request
			http_monitor.http_response_code https_monitor https_monitor.http_request https_monitor.http_response_code tcp_monitor
			tcp_monitor.tcp_half_open udp_monitor udp_monitor.udp_request`,
	}
	amkoReads = map[string]string{
		"gslb":                          "leader_cluster_uuid sites sites.cluster_uuid sites.name sites.ip_addresses third_party_sites third_party_sites.name",
		"gslbservice":                   "name uuid url tenant_ref domain_names groups groups.members groups.members.ip.addr groups.members.ratio groups.members.vs_uuid groups.members.cluster_uuid groups.members.public_ip.ip.addr groups.priority groups.algorithm groups.fallback_algorithm groups.consistent_hash_mask description created_by health_monitor_refs site_persistence_enabled application_persistence_profile_ref pki_profile_ref ttl down_response",
		"healthmonitor":                 "name uuid url tenant_ref type monitor_port description markers markers.key markers.values is_federated http_monitor.http_request http_monitor.http_response_code https_monitor.http_request https_monitor.http_response_code",
		"applicationpersistenceprofile": "name uuid tenant_ref is_federated",
		"pkiprofile":                    "name uuid tenant_ref is_federated",
	}
)

// amkoFields counts the fields that AMKO uses.
func amkoFields() int {
	all := map[string]bool{}
	for _, uses := range []map[string]string{amkoWrites, amkoReads} {
		for typ, paths := range uses {
			for _, path := range strings.Fields(paths) {
				all[typ+"."+path] = true
			}
		}
	}
	return len(all)
}

func amkoUses(typ, path string) string {
	uses := ""
	if contains(strings.Fields(amkoWrites[typ]), path) {
		uses += "w"
	}
	if contains(strings.Fields(amkoReads[typ]), path) {
		uses += "r"
	}
	return uses
}
