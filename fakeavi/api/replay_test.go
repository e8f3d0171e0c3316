package api_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// tracesVariable names the directory of recordings of a real AMKO: JSON lines, one an exchange, with method, target, req_body and status.
const tracesVariable = "GSLBSIM_AMKO_TRACES"

// exchange is one line of a recording.
type exchange struct {
	Phase  string
	Method string
	Target string
	Status int
	Req    map[string]any `json:"req_body"`
	Reply  map[string]any `json:"resp_body"`
	Header http.Header    `json:"-"`
	Tenant struct {
		Name string `json:"X-Avi-Tenant"`
	} `json:"req_headers"`
}

// TestReplayOfAMKO sends the requests of recordings, with the identifiers that this controller gave in place of the recorded ones, and
// compares the statuses, and for objects every field that the recording's reply has.
func TestReplayOfAMKO(t *testing.T) {
	dir := os.Getenv(tracesVariable)
	if dir == "" {
		t.Skipf("set %s to the directory of the recordings", tracesVariable)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings in %s: %v", dir, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { replay(t, file) })
	}
}

func replay(t *testing.T, file string) {
	f := newFixture(t)
	c := f.login()
	uuids := map[string]string{} // recorded to ours
	requests, writes := 0, 0
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e exchange
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil || !strings.HasPrefix(e.Target, "//api/") && !strings.HasPrefix(e.Target, "/api/") {
			continue
		}
		requests++
		prepare(t, f, e, uuids)
		target := e.Target
		for recorded, ours := range uuids {
			target = strings.ReplaceAll(target, recorded, ours)
		}
		body := ""
		if e.Req != nil {
			writes++
			body = encode(t, e.Req)
		}
		status, _, text := c.as("X-Avi-Tenant", e.Tenant.Name).send(e.Method, target, body)
		if status != e.Status {
			t.Fatalf("%s: %s %s: %d, recorded %d: %s\n%s", e.Phase, e.Method, e.Target, status, e.Status, text, body)
		}
		if status == http.StatusCreated || status == http.StatusOK && e.Method == "PUT" {
			reply := decode(t, string(text))
			uuids[e.Reply["uuid"].(string)] = reply["uuid"].(string)
			for field, value := range e.Req {
				if missing := lacks(field, value, reply[field]); missing != "" {
					t.Errorf("%s: %s %s: %s", e.Phase, e.Method, e.Target, missing)
				}
			}
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d requests, %d of them writes", requests, writes)
}

// prepare creates what a recorded reading found and this controller does not have: objects that somebody else made.
func prepare(t *testing.T, f *fixture, e exchange, uuids map[string]string) {
	t.Helper()
	if e.Method != "GET" || e.Status != 200 {
		return
	}
	list, _ := e.Reply["results"].([]any)
	for _, element := range list {
		o := element.(map[string]any)
		uuid, _ := o["uuid"].(string)
		typ, _, _ := strings.Cut(uuid, "-")
		name, _ := o["name"].(string)
		if uuids[uuid] != "" {
			continue
		}
		found, ok := f.store.Lookup(typ, store.AllTenants, name)
		if !ok {
			body := map[string]any{}
			for k, v := range o {
				if k != "tenant_ref" && k != "_last_modified" && k != "url" {
					body[k] = v
				}
			}
			var err error
			if found, err = f.store.Create(typ, body, store.System()); err != nil {
				t.Fatalf("%s: %s: %v", e.Phase, e.Target, err)
			}
		}
		uuids[uuid] = found.UUID
	}
}
