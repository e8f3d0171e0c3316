package api

import (
	"mime"
	"net/http"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// Names of the cookies. Clients take the session from either of the two session cookies, which have the same value, and only if the
// CSRF cookie is there too.
const (
	cookieCSRF       = "csrftoken"
	cookieSession    = "sessionid"
	cookieAviSession = "avi-sessionid"
)

// login answers POST /login: {"username", "password"} or {"username", "token"}, as JSON or as a form. The version header is not looked
// at: clients send their built-in default here, whatever the controller's version.
func (a *API) login(w http.ResponseWriter, r *http.Request) {
	name, password, token, err := a.credentials(r)
	if err != nil {
		WriteError(w, err)
		return
	}
	var user *store.Object
	if token != "" {
		user, err = a.checkToken(name, token)
	} else {
		user, err = a.checkPassword(name, password)
	}
	limits := a.settings.get()
	var s *session
	if err == nil {
		if s = a.sessions.open(user.Name, limits, a.sessionsOf(user)); s == nil {
			err = errTooManySessions
		}
	}
	a.audit(r, LoggedIn, name, "", user, err)
	if err != nil {
		WriteError(w, err)
		return
	}
	a.setCookies(w, s, limits)
	WriteJSON(w, http.StatusOK, a.loginReply(user))
}

func (a *API) credentials(r *http.Request) (name, password, token string, err error) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "application/x-www-form-urlencoded" || kind == "multipart/form-data" {
		r.Body = http.MaxBytesReader(nil, r.Body, a.cfg.BodyMax)
		if err := r.ParseMultipartForm(1 << 20); err != nil && err != http.ErrNotMultipart {
			return "", "", "", refuse(http.StatusBadRequest, "the form can not be read: %v", err)
		}
		return r.PostFormValue("username"), r.PostFormValue("password"), r.PostFormValue("token"), nil
	}
	body, err := a.readBody(r)
	if err != nil {
		return "", "", "", err
	}
	name, _ = body["username"].(string)
	password, _ = body["password"].(string)
	token, _ = body["token"].(string)
	return name, password, token, nil
}

// setCookies hands a session out. UNCONFIRMED: the cookies' attributes.
func (a *API) setCookies(w http.ResponseWriter, s *session, limits *settings) {
	for _, c := range []struct{ name, value string }{
		{cookieCSRF, s.csrf}, {cookieSession, s.id}, {cookieAviSession, s.id},
	} {
		http.SetCookie(w, &http.Cookie{
			Name: c.name, Value: c.value, Path: "/", MaxAge: int(limits.force / time.Second),
			Secure: a.cfg.Scheme == "https", HttpOnly: c.name != cookieCSRF,
		})
	}
}

// loginReply is the body of a successful login. UNCONFIRMED: everything but version and session_cookie_name, which the Python SDK reads.
func (a *API) loginReply(user *store.Object) map[string]any {
	superuser, _ := user.Body()["is_superuser"].(bool)
	return map[string]any{
		"version":             a.versionInfo(),
		"session_cookie_name": cookieAviSession,
		"user_initialized":    true,
		"user":                map[string]any{"name": user.Name, "username": loginName(user), "is_superuser": superuser},
		"tenants":             a.tenantChoices(a.accessOf(user)),
	}
}

func loginName(user *store.Object) string {
	if name, ok := user.Body()["username"].(string); ok && name != "" {
		return name
	}
	return user.Name
}

// tenantChoicesMax bounds the tenants that a login's reply lists.
const tenantChoicesMax = 100

func (a *API) tenantChoices(x access) []map[string]any {
	out := []map[string]any{}
	page, _ := a.store.List("tenant", store.Query{})
	for _, t := range page {
		if len(out) < tenantChoicesMax && x.enters(t.Name) {
			out = append(out, map[string]any{"name": t.Name, "uuid": t.UUID})
		}
	}
	return out
}

// logout answers POST /logout.
func (a *API) logout(w http.ResponseWriter, r *http.Request) {
	s := a.openSession(r)
	if s == nil {
		WriteError(w, errNotAuthenticated)
		return
	}
	if err := a.checkCrossSite(r, s); err != nil {
		WriteError(w, err)
		return
	}
	a.sessions.close(s.id)
	a.audit(r, LoggedOut, s.user, "", nil, nil)
	WriteJSON(w, http.StatusOK, map[string]any{})
}

// openSession returns the session that a request's cookies name, nil for none.
func (a *API) openSession(r *http.Request) *session {
	for _, name := range []string{cookieAviSession, cookieSession} {
		if c, err := r.Cookie(name); err == nil && c.Value != "" {
			return a.sessions.use(c.Value, a.settings.get())
		}
	}
	return nil
}
