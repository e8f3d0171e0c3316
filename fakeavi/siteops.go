package fakeavi

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"

	"github.com/gslbsim/gslbsim/fakeavi/api"
	"github.com/gslbsim/gslbsim/fakeavi/federation"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// permissionSiteOps guards the operations on sites.
const permissionSiteOps = "PERMISSION_GSLBSITEOPS"

// makeRoutes adds to the REST API what is neither about one object nor a list of them.
func (c *Controller) makeRoutes() error {
	c.api.Handle("POST /api/gslbsiteops/verify", c.operation(c.verifySite))
	c.api.Handle("POST /api/gslbsiteops/changeleader", c.operation(c.changeLeader))
	c.api.Handle("GET /api/ipamdnsproviderprofiledomainlist", http.HandlerFunc(c.domainList))
	return nil
}

// bodyLimit bounds the bodies of operations, in bytes.
const bodyLimit = 1 << 20

// operation makes a handler of a function that takes a JSON body and returns one.
func (c *Controller) operation(do func(body []byte) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if caller := api.CallerOf(r.Context()); caller == nil || !caller.MayWrite(permissionSiteOps) {
			api.WriteError(w, store.Refuse(http.StatusForbidden, "no write access to GSLB site operations"))
			return
		}
		body := http.MaxBytesReader(w, r.Body, bodyLimit)
		var raw json.RawMessage
		if err := json.NewDecoder(body).Decode(&raw); err != nil {
			api.WriteError(w, refuse("the body is not JSON: %v", err))
			return
		}
		reply, err := do(raw)
		if err != nil {
			api.WriteError(w, err)
			return
		}
		api.WriteJSON(w, http.StatusOK, reply)
	})
}

// decode reads the body of an operation.
func decode(operation string, body []byte, into any) error {
	err := json.Unmarshal(body, into)
	var mistyped *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &mistyped):
		return refuse("%s: %v", operation, err)
	case mistyped.Field == "":
		return refuse("%s: the body is not a JSON object but of type %s", operation, mistyped.Value)
	default:
		return refuse("%s: %s must not be of type %s", operation, mistyped.Field, mistyped.Value)
	}
}

type verifyRequest struct {
	Name        string `json:"name"`
	Username    string `json:"username"`
	Password    string `json:"password"`
	IPAddresses []struct {
		Addr string `json:"addr"`
	} `json:"ip_addresses"`
}

// verifyReply has rx_uuid, the uuid of the cluster that answered; that it has more is unconfirmed.
type verifyReply struct {
	RxUUID    string `json:"rx_uuid"`
	RxVersion string `json:"rx_version"`
}

// verifySite asks the controller at an address who it is.
func (c *Controller) verifySite(body []byte) (any, error) {
	var req verifyRequest
	if err := decode("verify", body, &req); err != nil {
		return nil, err
	}
	if len(req.IPAddresses) == 0 {
		return nil, refuse("verify: ip_addresses is empty")
	}
	addr, err := netip.ParseAddr(req.IPAddresses[0].Addr)
	if err != nil {
		return nil, refuse("verify: ip_addresses: %v", err)
	}
	reply, err := c.call(addr, federation.Verify{Credentials: federation.Credentials{Username: req.Username, Password: req.Password}})
	v, ok := reply.(federation.VerifyReply)
	switch {
	case err != nil || !ok:
		return nil, refuse("verify: site %s at %s cannot be reached", req.Name, addr)
	case v.Denied:
		return nil, refuse("verify: site %s refuses the credentials", req.Name)
	}
	return verifyReply{RxUUID: v.Cluster, RxVersion: v.Version}, nil
}

// call exchanges a message with another controller while a request waits.
func (c *Controller) call(to netip.Addr, msg any) (any, error) {
	if caller, ok := c.deps.Wire.(Caller); ok {
		return caller.Call(c.Addr(), to, msg)
	}
	type result struct {
		reply any
		err   error
	}
	done := make(chan result, 1)
	c.deps.Wire.Send(c.Addr(), to, msg, func(reply any, err error) { done <- result{reply, err} })
	r := <-done
	return r.reply, r.err
}

type changeLeaderRequest struct {
	NewLeader string  `json:"new_leader"`
	ViewID    *uint64 `json:"view_id"`
}

// changeLeader makes this site the leader, or the follower of the one that is named. That the body may hold a view_id is
// unconfirmed; the command line has it.
func (c *Controller) changeLeader(body []byte) (any, error) {
	var req changeLeaderRequest
	if err := decode("changeleader", body, &req); err != nil {
		return nil, err
	}
	if err := c.node.ChangeLeader(req.NewLeader, req.ViewID); err != nil {
		var known *store.Error
		if errors.As(err, &known) {
			return nil, err
		}
		return nil, refuse("%v", err)
	}
	return map[string]any{"status": "ok"}, nil
}
