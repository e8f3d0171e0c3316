//go:build !race

package fakeavi_test

// scaleServices is how many GSLB services the idle hour is measured with, of six members at three sites each.
const scaleServices = 10_000
