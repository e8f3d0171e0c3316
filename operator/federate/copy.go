package federate

import (
	"cmp"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	"github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
)

// FromAnnotation is on every copy, and says from which context it was copied last.
const FromAnnotation = "amko.vmware.com/federated-from"

// kind is a kind of object that is copied.
type kind struct {
	condition string
	// several says why there may not be two; empty: there may, and others that a follower has are left alone.
	several string
	list    func() client.ObjectList
	objects func(client.ObjectList) []client.Object
	blank   func() client.Object
	// spec returns a pointer to the spec of an object.
	spec func(client.Object) any
	// everywhere: not only in the operator's namespace.
	everywhere bool
}

// carried are the annotations that go along. With the first one a follower that takes over knows the leader's services for
// its own, with the second it finds the controller that leads.
var carried = []string{"amko.vmware.com/amko-uuid", "amko.vmware.com/gslb-site-addresses"}

// kinds are the kinds in AMKO's order.
var kinds = []kind{
	{
		condition: TypeGSLBConfig, several: "more than one GSLBConfig objects are present in the current cluster",
		list:  func() client.ObjectList { return &v1alpha1.GSLBConfigList{} },
		blank: func() client.Object { return &v1alpha1.GSLBConfig{} },
		objects: func(l client.ObjectList) []client.Object {
			return pointers[v1alpha1.GSLBConfig](l.(*v1alpha1.GSLBConfigList).Items) // of list
		},
		spec: func(o client.Object) any { return &o.(*v1alpha1.GSLBConfig).Spec }, // of objects
	},
	{
		condition: TypePolicy, several: "more than one GlobalDeploymentPolicies are present in the current cluster",
		list:  func() client.ObjectList { return &v1alpha2.GlobalDeploymentPolicyList{} },
		blank: func() client.Object { return &v1alpha2.GlobalDeploymentPolicy{} },
		objects: func(l client.ObjectList) []client.Object {
			return pointers[v1alpha2.GlobalDeploymentPolicy](l.(*v1alpha2.GlobalDeploymentPolicyList).Items) // of list
		},
		spec: func(o client.Object) any { return &o.(*v1alpha2.GlobalDeploymentPolicy).Spec }, // of objects
	},
	{
		condition: TypeHostRule, everywhere: true,
		list:  func() client.ObjectList { return &v1alpha1.GSLBHostRuleList{} },
		blank: func() client.Object { return &v1alpha1.GSLBHostRule{} },
		objects: func(l client.ObjectList) []client.Object {
			return pointers[v1alpha1.GSLBHostRule](l.(*v1alpha1.GSLBHostRuleList).Items) // of list
		},
		spec: func(o client.Object) any { return &o.(*v1alpha1.GSLBHostRule).Spec }, // of objects
	},
}

// pointers are the items of a list as objects, ordered by namespace and name.
func pointers[T any, P interface {
	*T
	client.Object
}](items []T) []client.Object {
	out := make([]client.Object, 0, len(items))
	for i := range items {
		out = append(out, P(&items[i]))
	}
	slices.SortFunc(out, func(a, b client.Object) int {
		return compare(client.ObjectKeyFromObject(a), client.ObjectKeyFromObject(b))
	})
	return out
}

// writes are what makes a follower's objects of one kind the leader's.
type writes struct {
	create []client.Object
	// update are the follower's objects as they are to be, in the version that was read.
	update []client.Object
	remove []client.Object
}

// compareWith says what has to be written to a follower that holds theirs, from is the leader's context. copied says that
// this kind was copied from here before: without that, nothing is removed because there is none here.
func (k kind) compareWith(mine, theirs []client.Object, from string, copied bool) writes {
	var w writes
	there := map[types.NamespacedName]client.Object{}
	for _, o := range theirs {
		there[client.ObjectKeyFromObject(o)] = o
	}
	for _, o := range mine {
		key := client.ObjectKeyFromObject(o)
		old, exists := there[key]
		delete(there, key)
		switch {
		case !exists:
			w.create = append(w.create, k.copyOf(o, from))
		case !k.same(o, old, from):
			w.update = append(w.update, k.into(old, o, from))
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(there), compare) {
		o := there[key]
		ours := copied && o.GetAnnotations()[FromAnnotation] == from
		if ours || k.several != "" && len(mine) > 0 {
			w.remove = append(w.remove, o)
		}
	}
	return w
}

func (k kind) same(mine, theirs client.Object, from string) bool {
	return equality.Semantic.DeepEqual(k.spec(mine), k.spec(theirs)) &&
		maps.Equal(annotations(theirs.GetAnnotations(), mine.GetAnnotations(), from), theirs.GetAnnotations())
}

// alike says whether two objects of one cluster, or of one at two times, would be copied as the same.
func (k kind) alike(a, b client.Object) bool {
	return client.ObjectKeyFromObject(a) == client.ObjectKeyFromObject(b) && equality.Semantic.DeepEqual(k.spec(a), k.spec(b)) &&
		!slices.ContainsFunc(carried, func(name string) bool { return a.GetAnnotations()[name] != b.GetAnnotations()[name] })
}

// copyOf is a new object for a follower.
func (k kind) copyOf(o client.Object, from string) client.Object {
	fresh := k.blank()
	fresh.SetNamespace(o.GetNamespace())
	fresh.SetName(o.GetName())
	return k.into(fresh, o, from)
}

// into is a follower's object with the leader's spec.
func (k kind) into(theirs, mine client.Object, from string) client.Object {
	out, source := theirs.DeepCopyObject().(client.Object), mine.DeepCopyObject().(client.Object) // copies of objects
	switch to := k.spec(out).(type) {
	case *v1alpha1.GSLBConfigSpec:
		*to = *k.spec(source).(*v1alpha1.GSLBConfigSpec) // one kind
	case *v1alpha2.GDPSpec:
		*to = *k.spec(source).(*v1alpha2.GDPSpec) // one kind
	case *v1alpha1.GSLBHostRuleSpec:
		*to = *k.spec(source).(*v1alpha1.GSLBHostRuleSpec) // one kind
	}
	out.SetAnnotations(annotations(theirs.GetAnnotations(), mine.GetAnnotations(), from))
	return out
}

// annotations are those of a follower's object, there may be none, with those that go along.
func annotations(theirs, mine map[string]string, from string) map[string]string {
	out := map[string]string{}
	maps.Copy(out, theirs)
	for _, name := range carried {
		if value, ok := mine[name]; ok {
			out[name] = value
		}
	}
	out[FromAnnotation] = from
	return out
}

// options say where objects of the kind are.
func (k kind) options(namespace string) []client.ListOption {
	if k.everywhere {
		return nil
	}
	return []client.ListOption{client.InNamespace(namespace)}
}

func compare(a, b types.NamespacedName) int {
	return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
}
