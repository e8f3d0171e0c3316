//go:build !race

package scenarios_test

// How often runs are repeated, and under how many seeds.
const (
	repetitions = 20
	seeds       = 40
)
