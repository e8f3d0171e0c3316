package main

import (
	"fmt"
	"syscall"
	"time"
)

// quiet waits until the process has nothing to do: health checks and DNS tables follow a synchronisation.
func quiet(most time.Duration) error {
	const window = 200 * time.Millisecond
	for end := time.Now().Add(most); time.Now().Before(end); {
		before := busy()
		time.Sleep(window)
		if busy()-before < window/10 {
			return nil
		}
	}
	return fmt.Errorf("the controllers are still busy after %v", most)
}

// busy is the CPU time that the process has used.
func busy() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
