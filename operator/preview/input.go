package preview

import (
	"context"
	"encoding/json"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/gslbsim/gslbsim/operator/avi"
	"github.com/gslbsim/gslbsim/operator/model"
)

// Input is what a plan is made of.
type Input struct {
	// Own are the objects of the cluster that the operator runs in: GSLBConfig, GlobalDeploymentPolicy, GSLBHostRules,
	// AMKOCluster, Namespaces. Others are passed over.
	Own []*unstructured.Unstructured
	// Members are the objects of member clusters by context name. The members of a cluster that is not here stay as the
	// controller has them, as when the cluster cannot be reached.
	Members map[string][]*unstructured.Unstructured
	// Controller is what the controller holds; nil: nothing.
	Controller Holdings
	// Namespace is the operator's; empty means avi-system.
	Namespace string
}

// Holdings is what a controller holds. *avi.Client is one, and so is *Snapshot.
type Holdings interface {
	Federation(ctx context.Context) (avi.Federation, error)
	Services(ctx context.Context, createdBy ...string) (services []model.StoredService, problems []error, err error)
	Monitors(ctx context.Context) (monitors []model.StoredMonitor, problems []error, err error)
	FirstPKI(ctx context.Context) (string, error)
	// Visible returns nil if there is no such object.
	Visible(ctx context.Context, kind, tenant, name string) (json.RawMessage, error)
}

var (
	_ Holdings = (*avi.Client)(nil)
	_ Holdings = (*Snapshot)(nil)
)
