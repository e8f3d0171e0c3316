package preview_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/gslbsim/gslbsim/operator/preview"
)

// BenchmarkMake plans 1,000 services of which nothing exists and no VIP is known.
func BenchmarkMake(b *testing.B) {
	var text strings.Builder
	for i := range 1000 {
		text.WriteString(strings.ReplaceAll(git, "shop", fmt.Sprintf("shop%d", i)) + "---\n")
	}
	in := preview.Input{Own: load(b, own, "avi-system"), Members: map[string][]*unstructured.Unstructured{"east": load(b, text.String(), "default")}}
	for b.Loop() {
		plan, err := preview.Make(context.Background(), in)
		if err != nil || len(plan.Changes) != 2000 {
			b.Fatal(err, len(plan.Changes))
		}
	}
}
