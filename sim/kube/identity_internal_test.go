package kube

import (
	"fmt"
	"testing"
)

// TestCountersForget: a full counter forgets its keys, and still never gives a key the same pair twice.
func TestCountersForget(t *testing.T) {
	var c counter
	seen := map[[2]int]bool{}
	for i := range 3 * identityLimit {
		if i%(identityLimit/2) == 0 {
			c.add("watched")
			epoch, count := c.get("watched")
			if pair := [2]int{epoch, count}; seen[pair] {
				t.Fatalf("epoch %d and count %d come twice", epoch, count)
			} else {
				seen[pair] = true
			}
		}
		c.add(fmt.Sprint(i))
		if len(c.counts) > identityLimit {
			t.Fatalf("%d keys are remembered", len(c.counts))
		}
	}
	if c.epoch == 0 {
		t.Fatal("nothing has been forgotten: the test shows nothing")
	}
}
