package dns

// mix64 spreads the bits of x over the whole word (the finalizer of
// SplitMix64), so that values which differ in one bit become unrelated.
func mix64(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// mixPair folds b into a; the order of the two matters.
func mixPair(a, b uint64) uint64 { return mix64(mix64(a) ^ b) }

// mixString folds a text into a.
func mixString(a uint64, s string) uint64 { return mixPair(a, fnv64a(s)) }
