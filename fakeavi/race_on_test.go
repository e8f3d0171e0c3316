//go:build race

package fakeavi_test

// scaleServices is smaller under the race detector, which makes everything several times slower.
const scaleServices = 500
