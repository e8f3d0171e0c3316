package api

import (
	"sync/atomic"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// settings are the parts of the controller's own configuration that the API obeys.
type settings struct {
	idle      time.Duration // sessions end after this time without a request; 0 for never
	force     time.Duration // sessions end after this time in any case
	basicAuth bool
	inputUUID bool // POST takes the uuid from the body
}

// Defaults of the product, for controllers whose configuration objects do not state them.
const (
	defaultIdle  = 15 * time.Minute
	defaultForce = 24 * time.Hour
)

// settingsCache follows the two configuration objects that hold the settings.
type settingsCache struct{ current atomic.Pointer[settings] }

func (c *settingsCache) get() *settings { return c.current.Load() }

func (c *settingsCache) follow(s *store.Store) {
	c.current.Store(readSettings(s))
	s.Subscribe(func(change store.Change) {
		switch change.Object().Type {
		case "systemconfiguration", "controllerproperties":
			c.current.Store(readSettings(s))
		}
	})
}

func readSettings(s *store.Store) *settings {
	out := &settings{idle: defaultIdle, force: defaultForce}
	if minutes, ok := singletonBody(s, "controllerproperties")["api_idle_timeout"].(int64); ok {
		out.idle = time.Duration(minutes) * time.Minute
	}
	portal, _ := singletonBody(s, "systemconfiguration")["portal_configuration"].(map[string]any)
	if hours, ok := portal["api_force_timeout"].(int64); ok {
		out.force = time.Duration(hours) * time.Hour
	}
	out.basicAuth, _ = portal["allow_basic_authentication"].(bool)
	out.inputUUID, _ = portal["use_uuid_from_input"].(bool)
	return out
}

// singletonBody is the content of the only object of a type, nil if there is none.
func singletonBody(s *store.Store, typ string) map[string]any {
	if o := singleton(s, typ); o != nil {
		return o.Body()
	}
	return nil
}

func singleton(s *store.Store, typ string) *store.Object {
	page, _ := s.List(typ, store.Query{Limit: 1})
	if len(page) == 0 {
		return nil
	}
	return page[0]
}
