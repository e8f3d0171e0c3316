package plan

import (
	"bytes"

	"github.com/gslbsim/gslbsim/operator/model"
)

// Done notes in the view that a call succeeded. reply is the controller's body; it is not read for a deletion. The error
// says that the reply is no object: what the controller holds is not known then, and the object must be read again.
func (v *View) Done(call *Call, reply []byte) error {
	switch {
	case call.Verb == Delete:
		v.Gone(call)
		return nil
	case call.Type == TypeMonitor:
		m, err := model.ParseMonitor(bytes.Clone(reply), call.Key.Tenant)
		if err != nil {
			return err
		}
		v.Monitors[call.Key] = m
		return nil
	}
	// The clone is no longer than what it holds; the buffer that a reply was read into is.
	s, err := model.ParseService(bytes.Clone(reply), call.Key.Tenant)
	if err != nil {
		return err
	}
	s.NameRefs(call.Monitors)
	v.Services[call.Key.Tenant] = s
	return nil
}

// Gone notes that the object of a call does not exist.
func (v *View) Gone(call *Call) {
	if call.Type == TypeMonitor {
		delete(v.Monitors, call.Key)
	} else {
		delete(v.Services, call.Key.Tenant)
	}
}

// Found notes the object of a call as it was read from the controller. The error is a *ForeignError if it is somebody
// else's, or says that it is no object.
func (v *View) Found(call *Call, body []byte) error {
	if call.Type == TypeMonitor {
		m, err := model.ParseMonitor(body, call.Key.Tenant)
		if err != nil {
			return err
		}
		// Whose monitor it is, Next judges: it knows which one is wanted.
		v.Monitors[call.Key] = m
		return nil
	}
	s, err := model.ParseService(body, call.Key.Tenant)
	if err != nil {
		return err
	}
	if !v.Owner.Owns(s) {
		return &ForeignError{TypeService, call.Key, s.CreatedBy}
	}
	v.Services[call.Key.Tenant] = s
	return nil
}
