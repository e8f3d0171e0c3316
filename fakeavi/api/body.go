package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// readBody reads a request's body as one JSON object. Errors carry status 400, or 413 for a body above the limit.
func (a *API) readBody(r *http.Request) (map[string]any, error) {
	text, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, a.cfg.BodyMax))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return nil, refuse(http.StatusRequestEntityTooLarge, "the body is larger than %d bytes", a.cfg.BodyMax)
		}
		return nil, refuse(http.StatusBadRequest, "the body can not be read: %v", err)
	}
	return parseBody(text)
}

// parseBody decodes one JSON object; numbers stay json.Number, so that no digit is lost.
func parseBody(text []byte) (map[string]any, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var body map[string]any
	err := dec.Decode(&body)
	var mistyped *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF):
		return nil, refuse(http.StatusBadRequest, "the body is empty, not a JSON object")
	case errors.As(err, &mistyped):
		return nil, refuse(http.StatusBadRequest, "the body is not a JSON object but of type %s", mistyped.Value)
	case err != nil:
		return nil, refuse(http.StatusBadRequest, "the body is not a JSON object: %v", err)
	}
	if body == nil {
		return nil, refuse(http.StatusBadRequest, "the body is not a JSON object but null")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, refuse(http.StatusBadRequest, "the body has something after its JSON object")
	}
	return body, nil
}
