// Package operator is an AMKO-compatible operator: it makes the GSLB configuration of an Avi controller follow the Ingresses,
// Routes, Services of type LoadBalancer and Gateways of several Kubernetes clusters.
//
// It reads AMKO's own resources (AMKOCluster, GSLBConfig, GlobalDeploymentPolicy, GSLBHostRule) and keeps AMKO's names and
// wire format, so that it can take over from AMKO and hand back. It imports nothing else of the project, and speaks to any
// controller through the vendor's SDK.
//
//	model      what a controller should hold, and how it is written
//	ingest     objects of the member clusters -> candidates, indexed by FQDN
//	policy     policies + candidates -> wanted services (the heart; pure)
//	plan       wanted and held -> the next call (pure)
//	apply      makes the calls
//	schedule   which FQDN is worked on when (pure)
//	avi        the client of a controller
//	member     watches a member cluster
//	federate   copies the configuration to the clusters that follow
//	discovery  ServiceImports for MultiClusterIngresses
//	control    the loop that connects all of these
//	preview    what an operator would change, from files (pure)
//	lint       mistakes in manifests and chart values (pure)
//	api, crds, manifest
//	           the resources: Go types, definitions, files
package operator

import (
	"context"

	"github.com/gslbsim/gslbsim/operator/control"
)

// Options say how an operator runs; only Config is needed.
type Options = control.Options

// Observe are functions that are told what an operator does.
type Observe = control.Observe

// Election makes replicas take turns.
type Election = control.Election

// Health is what an operator says of itself.
type Health = control.Health

// Run runs an operator until the context ends; then it returns nil, and all goroutines that it started have ended. The error
// says that it could not start, or has lost the lease of Options.Election. Several operators may run in one process.
func Run(ctx context.Context, o Options) error { return control.Run(ctx, o) }
