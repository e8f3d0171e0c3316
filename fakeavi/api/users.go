package api

import (
	"crypto/subtle"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// Texts of refused logins. AMKO stops for good when it reads "Invalid credentials", so nothing else may contain that.
const (
	textInvalidCredentials = "Invalid credentials"
	// UNCONFIRMED: that a locked account has a text of its own.
	textLocked = "The account is locked after too many failed logins"
	// UNCONFIRMED: status and text, and that the new login is refused rather than the oldest session ended.
	textTooManySessions = "The maximum number of concurrent sessions of the account is reached"
	// UNCONFIRMED: the text for requests without a session.
	textNotAuthenticated = "Authentication credentials were not provided."
)

var (
	errInvalidCredentials = store.Refuse(http.StatusUnauthorized, textInvalidCredentials)
	errLocked             = store.Refuse(http.StatusUnauthorized, textLocked)
	errTooManySessions    = store.Refuse(http.StatusForbidden, textTooManySessions)
	errNotAuthenticated   = store.Refuse(http.StatusUnauthorized, textNotAuthenticated)
)

// Names of the account profiles that every controller has. Accounts without a profile have the default one.
const (
	profileDefault   = "Default-User-Account-Profile"
	profileNoLockout = "No-Lockout-User-Account-Profile"
)

// lockoutsMax bounds the accounts whose failures are remembered; beyond it all are forgotten.
const lockoutsMax = 10_000

// lockouts counts failed logins of existing users.
type lockouts struct {
	mu     sync.Mutex
	byUser map[string]*lockout
}

type lockout struct {
	failures []time.Time // since the last success, oldest first; those beyond the window do not count
	until    time.Time
}

// checkPassword finds a user by name and password. Too many failures in a row lock the account for a while, as the user's account
// profile says.
func (a *API) checkPassword(name, password string) (*store.Object, error) {
	user := a.user(name)
	if user == nil {
		return nil, errInvalidCredentials
	}
	if a.lockouts.locked(name) {
		return nil, errLocked
	}
	want, _ := user.Body()["password"].(string)
	if want == "" || subtle.ConstantTimeCompare([]byte(want), []byte(password)) != 1 {
		a.lockouts.failed(name, a.lockPolicy(user))
		return nil, errInvalidCredentials
	}
	a.lockouts.succeeded(name)
	return user, nil
}

// user finds an active user by login name; nil if there is none.
func (a *API) user(name string) *store.Object {
	user, ok := a.store.Lookup("user", store.AdminTenant, name)
	if !ok {
		page, _ := a.store.List("user", store.Query{
			Where: []store.Condition{{Path: "username", Values: []string{name}}}, Limit: 1})
		if len(page) == 0 {
			return nil
		}
		user = page[0]
	}
	if active, ok := user.Body()["is_active"].(bool); ok && !active {
		return nil
	}
	return user
}

// lockPolicy says after how many failures an account is locked (0 for never), and for how long.
type lockPolicy struct {
	failures int
	duration time.Duration
	window   time.Duration // in which failures count; 0: without end
}

// accountProfile returns the account profile of a user, the default one if it names none; nil if there is none.
func (a *API) accountProfile(user *store.Object) map[string]any {
	profile, ok := a.store.Lookup("useraccountprofile", store.AdminTenant, profileDefault)
	if ref, has := user.Body()["user_profile_ref"].(string); has {
		if target, isTarget := store.ParseTarget(ref); isTarget {
			profile, ok = a.store.Get(target.Type, target.UUID)
		}
	}
	if !ok {
		return nil
	}
	return profile.Body()
}

func (a *API) lockPolicy(user *store.Object) lockPolicy {
	profile := a.accountProfile(user)
	failures, _ := profile["max_login_failure_count"].(int64)
	minutes, _ := profile["account_lock_timeout"].(int64)
	window, _ := profile["login_failure_count_expiry_window"].(int64)
	return lockPolicy{
		failures: int(failures), duration: time.Duration(minutes) * time.Minute, window: time.Duration(window) * time.Minute,
	}
}

// sessionsOf is how many sessions a user may have at once, 0 for any number.
func (a *API) sessionsOf(user *store.Object) int {
	n, _ := a.accountProfile(user)["max_concurrent_sessions"].(int64)
	return int(n)
}

func (l *lockouts) locked(user string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	state, ok := l.byUser[user]
	if !ok || state.until.IsZero() {
		return false
	}
	if time.Now().Before(state.until) {
		return true
	}
	delete(l.byUser, user)
	return false
}

func (l *lockouts) failed(user string, p lockPolicy) {
	if p.failures == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byUser == nil || len(l.byUser) >= lockoutsMax {
		l.byUser = map[string]*lockout{}
	}
	state, ok := l.byUser[user]
	if !ok {
		state = &lockout{}
		l.byUser[user] = state
	}
	now := time.Now()
	state.failures = append(slices.DeleteFunc(state.failures, func(at time.Time) bool {
		return p.window > 0 && now.Sub(at) >= p.window
	}), now)
	if len(state.failures) >= p.failures {
		state.until = now.Add(p.duration)
	}
}

func (l *lockouts) succeeded(user string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.byUser, user)
}
