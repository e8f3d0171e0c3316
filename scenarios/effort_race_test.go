//go:build race

package scenarios_test

// With the race detector a run takes many times as long: fewer of them.
const (
	repetitions = 1
	seeds       = 2
)
