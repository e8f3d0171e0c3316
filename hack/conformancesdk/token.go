package main

import (
	"github.com/vmware/alb-sdk/go/session"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
)

// version is the newest API version: that of the SDK in use.
var version = schema.Load().Version()

// userToken asks the controller for a token of its administrator.
func userToken(host string) (string, error) {
	s, err := session.NewAviSession(host, "admin", session.SetPassword(password), session.SetInsecure, session.SetTenant("admin"))
	if err != nil {
		return "", err
	}
	var reply struct{ Token string }
	err = s.Post("api/user-token", map[string]int{"hours": 1}, &reply)
	return reply.Token, err
}
