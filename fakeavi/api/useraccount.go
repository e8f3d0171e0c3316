package api

import (
	"net/http"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// userAccount answers /api/useraccount, by which callers see their own account and change its password: PUT {"username",
// "old_password", "password"}. UNCONFIRMED: statuses, texts and the reply; the SDK's own tests make the request (TestUpdatePassword).
func (a *API) userAccount(w http.ResponseWriter, r *http.Request, c *Caller) error {
	user := a.user(c.User)
	if user == nil {
		return errNotAuthenticated
	}
	switch r.Method {
	case http.MethodGet:
		WriteJSON(w, http.StatusOK, a.account(user))
		return nil
	case http.MethodPut:
	default:
		return refuseMethod(w, r, http.MethodGet, http.MethodPut)
	}
	body, err := a.readBody(r)
	if err != nil {
		return err
	}
	old, _ := body["old_password"].(string)
	password, _ := body["password"].(string)
	if name, ok := body["username"].(string); ok && name != loginName(user) {
		return refuse(http.StatusForbidden, "username: only the password of one's own account can be changed here")
	}
	if password == "" {
		return refuse(http.StatusBadRequest, "password: must not be empty")
	}
	if _, err := a.checkPassword(c.User, old); err != nil {
		return refuse(http.StatusBadRequest, "old_password: is not the present password")
	}
	user, err = a.store.Patch("user", user.UUID, map[string]any{"replace": map[string]any{"password": password}}, store.System())
	if err != nil {
		return err
	}
	WriteJSON(w, http.StatusOK, a.account(user))
	return nil
}

func (a *API) account(user *store.Object) map[string]any {
	full, _ := user.Body()["full_name"].(string)
	email, _ := user.Body()["email"].(string)
	return map[string]any{"username": loginName(user), "name": user.Name, "full_name": full, "email": email}
}
