package api

import (
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// userToken lets a user log in without password until it expires.
type userToken struct {
	UUID    string `json:"uuid"`
	User    string `json:"user_name"`
	Token   string `json:"token"`
	Hours   int64  `json:"hours"`
	Expires string `json:"expires_at"`

	expires time.Time
}

const (
	tokensMax     = 1_000
	tokenHours    = 1
	tokenHoursMax = 24 * 365
)

// userTokens is the table of tokens; those nearest to their end go first when it is full.
type userTokens struct {
	mu   sync.Mutex
	list []*userToken // by time of expiry
}

func (t *userTokens) add(token *userToken) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.expire()
	if len(t.list) >= tokensMax {
		t.list = t.list[1:]
	}
	t.list = append(t.list, token)
	sort.SliceStable(t.list, func(i, j int) bool { return t.list[i].expires.Before(t.list[j].expires) })
}

// expire forgets tokens that are over. The caller holds t.mu.
func (t *userTokens) expire() {
	now := time.Now()
	for len(t.list) > 0 && !now.Before(t.list[0].expires) {
		t.list = t.list[1:]
	}
}

func (t *userTokens) of(user string) []*userToken {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.expire()
	out := []*userToken{}
	for _, token := range t.list {
		if token.User == user {
			out = append(out, token)
		}
	}
	return out
}

func (t *userTokens) remove(user, uuid string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, token := range t.list {
		if token.User == user && token.UUID == uuid {
			t.list = append(t.list[:i:i], t.list[i+1:]...)
			return true
		}
	}
	return false
}

// checkToken finds a user by name and token.
func (a *API) checkToken(name, text string) (*store.Object, error) {
	user := a.user(name)
	if user == nil {
		return nil, errInvalidCredentials
	}
	for _, token := range a.tokens.of(user.Name) {
		if subtle.ConstantTimeCompare([]byte(token.Token), []byte(text)) == 1 {
			return user, nil
		}
	}
	return nil, errInvalidCredentials
}

// userToken answers /api/user-token: POST {"hours": n} makes a token for the caller, GET lists the caller's, DELETE of
// /api/user-token/<uuid> ends one.
func (a *API) userToken(w http.ResponseWriter, r *http.Request, c *Caller) {
	switch r.Method {
	case http.MethodGet:
		list := a.tokens.of(c.User)
		WriteJSON(w, http.StatusOK, map[string]any{"count": len(list), "results": list})
	case http.MethodPost:
		token, err := a.newToken(r, c)
		if err != nil {
			WriteError(w, err)
			return
		}
		WriteJSON(w, http.StatusOK, token)
	case http.MethodDelete:
		if !a.tokens.remove(c.User, strings.TrimPrefix(cleanPath(r.URL.Path), "/api/user-token/")) {
			WriteError(w, store.NotFound("UserToken"))
			return
		}
		w.WriteHeader(http.StatusNoContent)
	default:
		WriteError(w, refuseMethod(w, r, http.MethodGet, http.MethodPost, http.MethodDelete))
	}
}

func (a *API) newToken(r *http.Request, c *Caller) (*userToken, error) {
	body, err := a.readBody(r)
	if err != nil {
		return nil, err
	}
	hours := int64(tokenHours)
	if number, ok := body["hours"].(json.Number); ok {
		if hours, err = number.Int64(); err != nil || hours < 1 || hours > tokenHoursMax {
			return nil, refuse(http.StatusBadRequest, "hours: %s is not in the range 1 to %d", number, tokenHoursMax)
		}
	}
	expires := time.Now().Add(time.Duration(hours) * time.Hour).UTC()
	token := &userToken{
		UUID: "authtoken-" + a.secrets.next("tokenid", 32), User: c.User, Token: a.secrets.next("token", 40),
		Hours: hours, Expires: expires.Format(time.RFC3339), expires: expires,
	}
	a.tokens.add(token)
	return token, nil
}
