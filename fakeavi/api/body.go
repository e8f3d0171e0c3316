package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"unicode/utf8"
)

// readBody reads a request's body as one JSON object. Errors carry status 400, 408 for one that does not come, 413 for a body above the limit,
// or 415 for one that is compressed.
func (a *API) readBody(r *http.Request) (map[string]any, error) {
	text, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, a.cfg.BodyMax))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return nil, refuse(http.StatusRequestEntityTooLarge, "the body is larger than %d bytes", a.cfg.BodyMax)
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return nil, refuse(http.StatusRequestTimeout, "the body did not come in time")
		}
		return nil, refuse(http.StatusBadRequest, "the body can not be read: %v", err)
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return nil, refuse(http.StatusUnsupportedMediaType, "Content-Encoding: %q is not taken, send the body as it is", coding)
	}
	return parseBody(text)
}

// parseBody decodes one JSON object; numbers stay json.Number, so that no digit is lost.
func parseBody(text []byte) (map[string]any, error) {
	if !utf8.Valid(text) {
		return nil, refuse(http.StatusBadRequest, "the body is not a JSON object: it is not UTF-8")
	}
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
