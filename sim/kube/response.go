package kube

import (
	"encoding/json"
	stderrors "errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilnet "k8s.io/apimachinery/pkg/util/net"
)

var errShuttingDown = errors.NewServiceUnavailable("apiserver is shutting down")

func errTooLarge(limit int64) error {
	return errors.NewRequestEntityTooLargeError(fmt.Sprintf("limit is %d", limit))
}

// statusOf returns an error as the API sends it.
func statusOf(err error) metav1.Status {
	var known errors.APIStatus
	status := metav1.Status{Status: metav1.StatusFailure, Code: http.StatusInternalServerError, Message: err.Error()}
	if stderrors.As(err, &known) {
		status = known.Status()
	}
	status.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
	return status
}

func writeError(w http.ResponseWriter, err error) {
	status := statusOf(err)
	if d := status.Details; d != nil && d.RetryAfterSeconds > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(d.RetryAfterSeconds)))
	}
	writeJSON(w, int(status.Code), status)
}

func writeJSON(w http.ResponseWriter, code int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	writeBody(w, code, body)
}

// writeBody sends JSON as the API server does, with a newline. It takes body over.
func writeBody(w http.ResponseWriter, code int, body []byte) {
	writeTyped(w, code, jsonType, append(body, '\n'))
}

func writeTyped(w http.ResponseWriter, code int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(code)
	_, _ = w.Write(body) // an error means that the client has gone; there is nobody to tell
}

func writePlain(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(text))
}

// addWarnings sends what a client should know although its request was served.
func addWarnings(w http.ResponseWriter, warnings []string) {
	const (
		agent       = "-"
		code        = 299
		count       = 20
		lengthBytes = 256
	)
	for i, text := range warnings {
		if i == count {
			break
		}
		header, err := utilnet.NewWarningHeader(code, agent, strings.ToValidUTF8(text[:min(len(text), lengthBytes)], ""))
		if err == nil { // otherwise it has control characters, and is for nobody's eyes
			w.Header().Add("Warning", header)
		}
	}
}
