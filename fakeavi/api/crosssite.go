package api

import (
	"crypto/subtle"
	"net/http"
	"net/url"
)

// statusSessionStale answers a wrong CSRF token. UNCONFIRMED, but the SDK logs in again at this status and at 401 only, and its own
// tests (TestApiReLogin) want it to do so after a wrong token.
const statusSessionStale = 419

// checkCrossSite refuses a request of a cookie session that another web site might have caused: it must carry the session's CSRF token,
// and over HTTPS a Referer of this controller. Requests that change nothing are exempt. UNCONFIRMED: the texts, and the status for a Referer.
func (a *API) checkCrossSite(r *http.Request, s *session) error {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return nil
	}
	if a.cfg.Scheme == "https" {
		referer, err := url.Parse(r.Header.Get("Referer"))
		switch {
		case err != nil || referer.Host == "":
			return refuse(http.StatusForbidden, "CSRF Failed: Referer checking failed - no Referer.")
		case referer.Host != r.Host:
			return refuse(http.StatusForbidden, "CSRF Failed: Referer checking failed - %s does not match any trusted origins.", referer.Host)
		}
	}
	token := r.Header.Get("X-CSRFToken")
	if subtle.ConstantTimeCompare([]byte(token), []byte(s.csrf)) != 1 {
		return refuse(statusSessionStale, "CSRF Failed: CSRF token missing or incorrect.")
	}
	return nil
}
