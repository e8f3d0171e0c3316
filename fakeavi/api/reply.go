package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// errorBody is the JSON body of every refusal. Clients crash on refusals without one.
type errorBody struct {
	Error  string `json:"error"`
	Object string `json:"obj_name,omitempty"`
}

// WriteError answers a request with an error's status and text: those of a *store.Error, else 500.
func WriteError(w http.ResponseWriter, err error) {
	body := errorBody{Error: err.Error()}
	var refusal *store.Error
	if errors.As(err, &refusal) {
		body.Object = refusal.Object
	}
	WriteJSON(w, store.StatusOf(err), body)
}

// WriteJSON answers a request with a value as JSON.
func WriteJSON(w http.ResponseWriter, status int, value any) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		status = http.StatusInternalServerError
		buf.Reset()
		buf.WriteString(`{"error":"the reply can not be encoded"}`)
	}
	writeRaw(w, status, buf.Bytes())
}

func writeRaw(w http.ResponseWriter, status int, text []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	// The client may be gone; there is nobody to tell.
	_, _ = w.Write(text)
}

func refuse(status int, format string, args ...any) error {
	return store.Refuse(status, format, args...)
}

// refuseMethod refuses a request for its method: 405, with a list of those that are allowed. The text is what the vendor's Ansible modules
// look for in refused deletions.
func refuseMethod(w http.ResponseWriter, r *http.Request, allowed ...string) error {
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return refuse(http.StatusMethodNotAllowed, "Method '%s' not allowed.", r.Method)
}
