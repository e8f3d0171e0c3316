package discovery

import (
	"maps"
	"reflect"
	"slices"

	akov1alpha1 "github.com/gslbsim/gslbsim/operator/api/ako/v1alpha1"
)

// change is what has to be done about one ServiceImport: have is nil if it is to be made, want if it is to be deleted.
type change struct{ have, want *akov1alpha1.ServiceImport }

// changes are the differences between what there is and what is wanted, by name. held says of which clusters nothing is known:
// there nothing is changed. An object of the right name is taken over where it is wanted, since AMKO made it or would have; it
// is deleted only if it bears the operator's label.
func changes(have []akov1alpha1.ServiceImport, want map[Service]*akov1alpha1.ServiceImport, held map[string]bool) []change {
	var out []change
	left := maps.Clone(want)
	for i := range have {
		of, ok := serviceOf(&have[i])
		w, mine := want[of], have[i].Labels[managedBy] == manager
		switch {
		case !ok || held[of.Cluster]:
		case w == nil && mine:
			out = append(out, change{have: &have[i]})
		case w != nil && (!mine || !reflect.DeepEqual(have[i].Spec, w.Spec)):
			out = append(out, change{have: &have[i], want: w})
		}
		delete(left, of)
	}
	for _, of := range slices.SortedFunc(maps.Keys(left), Service.Compare) {
		if left[of] != nil && !held[of.Cluster] {
			out = append(out, change{want: left[of]})
		}
	}
	return out
}
