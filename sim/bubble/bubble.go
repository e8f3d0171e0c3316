// Package bubble runs a function in virtual time.
//
// A bubble is a testing/synctest bubble: inside of it time stands still while any goroutine can run, and leaps to the next
// timer when all are blocked. Nothing else of the project knows how a bubble is entered; code inside uses the ordinary
// time, context and net/http packages.
//
// What must not happen in a bubble: blocking on a real socket, a file that can wait, or cgo. Such a goroutine counts as
// running, and virtual time stops.
package bubble

import (
	"flag"
	"fmt"
	"runtime/debug"
	"sync"
	"testing"
	"testing/synctest"
)

// Epoch is where virtual time starts in every bubble, as Unix seconds: 2000-01-01T00:00:00Z.
const Epoch = 946684800

// A Runner runs f in a bubble and returns when f and all goroutines that it started have ended. A panic of f itself is
// returned as an error; a panic of another goroutine ends the process, as everywhere in Go.
type Runner func(f func()) error

// Run is the Runner of ordinary programs. Runs may not be nested; concurrent calls wait for one another.
func Run(f func()) error {
	startOnce.Do(start)
	reply := make(chan error)
	jobs <- job{f, reply}
	return <-reply
}

// In returns the Runner of a test binary, where t, the running test, is what gives access to bubbles.
func In(t *testing.T) Runner {
	return func(f func()) (err error) {
		t.Helper()
		synctest.Test(t, func(*testing.T) { err = guard(f) })
		return err
	}
}

// Settle blocks until every other goroutine of the caller's bubble is blocked. Only one goroutine of a bubble may be in
// Settle at a time: in a running world, that is the event loop.
func Settle() { synctest.Wait() }

type job struct {
	f     func()
	reply chan<- error
}

var (
	startOnce sync.Once
	jobs      = make(chan job)
)

// start leaves a goroutine behind that is, for package testing, a test that never ends: testing.Main hands out the
// *testing.T that synctest.Test asks for, and would end the process after its last test.
func start() {
	if !flag.Parsed() {
		// testing reads its own flags from the command line unless somebody has parsed it before.
		_ = flag.CommandLine.Parse(nil)
	}
	matchAll := func(_, _ string) (bool, error) { return true, nil }
	serve := func(t *testing.T) {
		for j := range jobs {
			j.reply <- In(t)(j.f)
		}
	}
	go testing.Main(matchAll, []testing.InternalTest{{Name: "bubble", F: serve}}, nil, nil)
}

// guard turns a panic of f into an error that carries its stack.
func guard(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic in virtual time: %v\n%s", r, debug.Stack())
		}
	}()
	f()
	return nil
}
