package policy_test

import (
	"strconv"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gslbsim/gslbsim/operator/model"
)

func keyOf(o client.Object) types.NamespacedName { return client.ObjectKeyFromObject(o) }

func uintText(n uint32) string { return strconv.FormatUint(uint64(n), 10) }

// algorithmText is how a pool picks: algorithm, fallback and mask as far as they are set.
func algorithmText(p model.Pool) string {
	text := p.Algorithm
	if p.Fallback != "" {
		text += " " + p.Fallback
	}
	if p.HashMask != 0 {
		text += " " + uintText(p.HashMask)
	}
	return text
}
