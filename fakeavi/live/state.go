package live

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// State is the content of controllers as a file holds it: JSON, secrets in clear where they are known.
type State struct {
	Controllers []ControllerState `json:"controllers"`
}

// ControllerState is the content of one controller.
type ControllerState struct {
	// Name of the controller.
	Name string `json:"name"`
	// Complete says that Store holds all there was. What was read through a REST API lacks secrets and whatever the API
	// does not show; a controller that starts with it is given the objects that every controller has.
	Complete bool `json:"complete"`
	// Store is what store.Snapshot writes.
	Store json.RawMessage `json:"store"`
}

// ReadState reads a file that Write wrote. The error says what it is instead.
func ReadState(r io.Reader) (*State, error) {
	var s State
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return nil, fmt.Errorf("this is not the saved state of controllers: %w", err)
	}
	if len(s.Controllers) == 0 {
		return nil, errors.New("this is not the saved state of controllers: it has none")
	}
	return &s, nil
}

// Write writes the state: an object a line, so that files can be compared. The error is that of w.
func (s *State) Write(w io.Writer) error {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return err
	}
	text := strings.ReplaceAll(out.String(), `,{"type":"`, ",\n"+`{"type":"`)
	text = strings.ReplaceAll(text, `"objects":[{`, `"objects":[`+"\n{")
	_, err := io.WriteString(w, text)
	return err
}

// State returns the present content of all controllers.
func (p *Program) State() (*State, error) {
	out := &State{}
	for _, s := range p.sites {
		var text bytes.Buffer
		if err := s.Store().Snapshot(&text); err != nil {
			return nil, fmt.Errorf("controller %s: %w", s.Name, err)
		}
		out.Controllers = append(out.Controllers, ControllerState{Name: s.Name, Complete: true, Store: bytes.TrimSpace(text.Bytes())})
	}
	return out, nil
}

// of returns the state for a controller: that of its name, or the only one where there is only one controller. nil if there
// is none.
func (s *State) of(name string, controllers int) *ControllerState {
	if len(s.Controllers) == 1 && controllers == 1 {
		return &s.Controllers[0]
	}
	i := slices.IndexFunc(s.Controllers, func(c ControllerState) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return &s.Controllers[i]
}

// restore fills the store of a new controller from the disk, or else from the state that was given.
func (p *Program) restore(s *Site, into *store.Store) (complete bool, err error) {
	if found, err := s.journal.restore(into); found || err != nil {
		if p.cfg.Load != nil && err == nil {
			p.cfg.Warn(fmt.Sprintf("controller %s goes on with what its folder of --data holds: the loaded state is not used", s.Name))
		}
		return true, err
	}
	if p.cfg.Load == nil {
		return false, nil
	}
	state := p.cfg.Load.of(s.Name, len(p.cfg.Controllers))
	if state == nil {
		p.cfg.Warn(fmt.Sprintf("controller %s starts empty: the loaded state does not have it", s.Name))
		return false, nil
	}
	text := []byte(state.Store)
	if !state.Complete {
		if text, err = withoutUser(text, p.cfg.Username); err != nil {
			return false, err
		}
	}
	return state.Complete, into.Restore(bytes.NewReader(text))
}

// withoutUser takes an account out of a snapshot whose password nobody knows, so that it is made again.
func withoutUser(snapshot []byte, name string) ([]byte, error) {
	var in map[string]json.RawMessage
	if err := json.Unmarshal(snapshot, &in); err != nil {
		return nil, fmt.Errorf("read snapshot: %w", err)
	}
	var objects []json.RawMessage
	if err := json.Unmarshal(in["objects"], &objects); err != nil {
		return nil, fmt.Errorf("read snapshot: objects: %w", err)
	}
	objects = slices.DeleteFunc(objects, func(o json.RawMessage) bool {
		var record store.Record
		return json.Unmarshal(o, &record) == nil && record.Type == "user" && record.Body["name"] == name
	})
	var err error
	if in["objects"], err = json.Marshal(objects); err != nil {
		return nil, err
	}
	return json.Marshal(in)
}
