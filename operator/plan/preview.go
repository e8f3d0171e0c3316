package plan

import (
	"encoding/json"
	"fmt"
	"maps"

	"github.com/gslbsim/gslbsim/operator/model"
)

// previewLimit bounds a Preview: a service, six monitors, each written and replaced, for a few tenants.
const previewLimit = 200

// Preview returns all calls that it takes to bring a view to what is wanted, if every call succeeds. The view is not
// changed.
func Preview(v *View, wanted []model.Wanted) ([]Call, error) {
	shadow := v.clone()
	var calls []Call
	for range previewLimit {
		call, err := Next(shadow, wanted)
		if err != nil || call == nil {
			return calls, err
		}
		calls = append(calls, *call)
		if err := shadow.Done(call, pretend(call)); err != nil {
			return calls, err
		}
	}
	return calls, fmt.Errorf("plan of %s: not finished after %d calls", v.FQDN, previewLimit)
}

func (v *View) clone() *View {
	c := *v
	c.Services, c.Monitors = maps.Clone(v.Services), maps.Clone(v.Monitors)
	return &c
}

// pretend is what a controller would reply to a call: the body, with an identity.
func pretend(call *Call) []byte {
	d := map[string]any{}
	if json.Unmarshal(call.Body, &d) != nil {
		return nil
	}
	if d["uuid"] == nil {
		d["uuid"] = call.Type + "-pending"
	}
	body, err := json.Marshal(d)
	if err != nil {
		return nil
	}
	return body
}
