package live

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/gslbsim/gslbsim/fakeavi/fault"
	"github.com/gslbsim/gslbsim/fakeavi/probe"
)

// startAdmin serves the admin endpoint, if there is to be one.
func (p *Program) startAdmin() error {
	if !p.cfg.Admin.IsValid() {
		return nil
	}
	l, err := net.Listen("tcp", p.cfg.Admin.String())
	if err != nil {
		return fmt.Errorf("admin endpoint: %w", err)
	}
	p.admin = l
	p.serve(l, fromHere(p.adminHandler()))
	return nil
}

// fromHere refuses requests that a web page of another site makes a browser send.
func fromHere(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
		if local := host == "localhost" || err == nil && addr.IsLoopback(); !local || r.Header.Get("Origin") != "" {
			complain(w, http.StatusForbidden, errors.New("requests of web pages are refused"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// adminHandler knows the requests of the admin endpoint.
func (p *Program) adminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /faults", p.listFaults)
	mux.HandleFunc("POST /faults", p.addFault)
	mux.HandleFunc("DELETE /faults", p.clearFaults)
	mux.HandleFunc("DELETE /faults/{id}", p.removeFault)
	mux.HandleFunc("GET /health", p.listHealth)
	mux.HandleFunc("PUT /health/{target}", p.setHealth)
	mux.HandleFunc("DELETE /health/{target}", p.setHealth)
	mux.HandleFunc("GET /controllers", p.listControllers)
	mux.HandleFunc("DELETE /controllers/{name}/sessions", p.dropSessions)
	mux.HandleFunc("PUT /controllers/{name}/power", p.setPower)
	mux.HandleFunc("GET /state", p.getState)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		complain(w, http.StatusNotFound, fmt.Errorf("there is no %s %s: ask for /faults, /health, /controllers or /state", r.Method, r.URL.Path))
	})
	return mux
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	_ = enc.Encode(body)
}

func complain(w http.ResponseWriter, status int, err error) {
	reply(w, status, map[string]string{"error": err.Error()})
}

// adminBodyMax bounds the bodies of requests, in bytes.
const adminBodyMax = 1 << 20

// read decodes a body; false if it cannot be, and the client was told.
func read(w http.ResponseWriter, r *http.Request, into any) bool {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, adminBodyMax))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		complain(w, http.StatusBadRequest, err)
		return false
	}
	return true
}

func (p *Program) listFaults(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, map[string]any{"faults": p.faults.List()})
}

func (p *Program) addFault(w http.ResponseWriter, r *http.Request) {
	var rule fault.Rule
	if !read(w, r, &rule) {
		return
	}
	if rule.Controller != "" && p.site(rule.Controller) == nil {
		complain(w, http.StatusBadRequest, fmt.Errorf("controller: there is no %q", rule.Controller))
		return
	}
	added, err := p.faults.Add(rule)
	if err != nil {
		complain(w, http.StatusBadRequest, err)
		return
	}
	reply(w, http.StatusCreated, added)
}

func (p *Program) removeFault(w http.ResponseWriter, r *http.Request) {
	if !p.faults.Remove(r.PathValue("id")) {
		complain(w, http.StatusNotFound, fmt.Errorf("there is no fault %s", r.PathValue("id")))
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (p *Program) clearFaults(w http.ResponseWriter, _ *http.Request) {
	p.faults.Clear()
	w.WriteHeader(http.StatusNoContent)
}

func (p *Program) listHealth(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, map[string]any{"otherwise": p.prober.Otherwise(), "script": p.prober.Script()})
}

// setHealth scripts how a target answers health checks, or takes it out of the script.
func (p *Program) setHealth(w http.ResponseWriter, r *http.Request) {
	target, err := netip.ParseAddr(r.PathValue("target"))
	if err != nil {
		complain(w, http.StatusBadRequest, err)
		return
	}
	var verdict probe.Verdict
	if r.Method == http.MethodPut {
		var body struct{ Verdict string }
		if !read(w, r, &body) {
			return
		}
		if verdict, err = probe.ParseVerdict(body.Verdict); err != nil {
			complain(w, http.StatusBadRequest, fmt.Errorf("verdict: %w", err))
			return
		}
	}
	if err := p.prober.Set(target, verdict); err != nil {
		complain(w, http.StatusConflict, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (p *Program) listControllers(w http.ResponseWriter, _ *http.Request) {
	type row struct {
		Name    string `json:"name"`
		URL     string `json:"url"`
		Cluster string `json:"cluster_uuid"`
		Role    string `json:"role"`
		Power   bool   `json:"power"`
	}
	rows := []row{}
	for _, s := range p.sites {
		rows = append(rows, row{s.Name, s.URL(), s.ClusterUUID(), string(s.Federation().Role), s.Powered()})
	}
	reply(w, http.StatusOK, map[string]any{"controllers": rows})
}

// named returns the controller that a path names; nil if there is none, and the client was told.
func (p *Program) named(w http.ResponseWriter, r *http.Request) *Site {
	s := p.site(r.PathValue("name"))
	if s == nil {
		complain(w, http.StatusNotFound, fmt.Errorf("there is no controller %q", r.PathValue("name")))
	}
	return s
}

func (p *Program) site(name string) *Site {
	for _, s := range p.sites {
		if s.Name == name {
			return s
		}
	}
	return nil
}

func (p *Program) dropSessions(w http.ResponseWriter, r *http.Request) {
	if s := p.named(w, r); s != nil {
		s.API().DropSessions()
		w.WriteHeader(http.StatusNoContent)
	}
}

func (p *Program) setPower(w http.ResponseWriter, r *http.Request) {
	s := p.named(w, r)
	var body struct{ On *bool }
	if s == nil || !read(w, r, &body) {
		return
	}
	if body.On == nil {
		complain(w, http.StatusBadRequest, errors.New("on: must be true or false"))
		return
	}
	p.Power(s, *body.On)
	w.WriteHeader(http.StatusNoContent)
}

func (p *Program) getState(w http.ResponseWriter, _ *http.Request) {
	state, err := p.State()
	if err != nil {
		complain(w, http.StatusInternalServerError, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = state.Write(w)
}
