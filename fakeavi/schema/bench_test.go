package schema

import "testing"

// BenchmarkDecode is the cost of the first Load.
func BenchmarkDecode(b *testing.B) {
	for b.Loop() {
		if _, err := Decode(embedded); err != nil {
			b.Fatal(err)
		}
	}
}
