package engine

import "time"

// App is how the servers behind a pool or a virtual service behave. The zero value is healthy: it answers 200 at once.
// A dead one is noticed at once by the pool's own monitors, which are not simulated.
type App struct {
	Dead  bool // no server answers: the pool is down
	Code  int  // HTTP response code, 100-599; 0: 200
	Body  string
	Delay time.Duration // until the answer
}

// SetApp says how the servers of a pool behave, or of a virtual service where its pools have no App of their own. It
// belongs to the world, not to the engine: it stays through power cycles and may be set before its object exists.
func (e *Engine) SetApp(uuid string, a App) {
	e.act(func() {
		if a == (App{}) {
			delete(e.apps, uuid)
		} else {
			e.apps[uuid] = a
		}
		for _, vs := range e.sortedVS() {
			if vs.concerns(uuid) {
				e.judgeVS(vs)
				e.vipsChanged(vs)
			}
		}
	})
}

// concerns reports whether a virtual service is the given object or sends requests to it.
func (vs *virtualService) concerns(uuid string) bool {
	if vs.spec.UUID == uuid {
		return true
	}
	for _, p := range vs.pools() {
		if p.UUID == uuid {
			return true
		}
	}
	return false
}

// app returns how a pool of a virtual service behaves; a pool without uuid stands for none.
func (e *Engine) app(vs *virtualService, pool string) App {
	if a, ok := e.apps[pool]; ok && pool != "" {
		return a
	}
	return e.apps[vs.spec.UUID]
}
