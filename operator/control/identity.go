package control

import (
	"context"
	"crypto/sha1" // RFC 9562 version 5
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// uuidAnnotation holds the identity of the operator, on the GSLBConfig. It is how objects on the controller are told from
// other operators', and goes with the GSLBConfig to another cluster.
const uuidAnnotation = "amko.vmware.com/amko-uuid"

// createdByPrefix and the identity are the mark on objects.
const createdByPrefix = "amko-"

// readIdentity finds the identity. If the GSLBConfig has none yet, or has lost it, it is derived from the cluster and the
// GSLBConfig's name: AMKO draws a new one then, and cannot touch its own services any more.
func (o *operator) readIdentity(ctx context.Context, s *settings) error {
	if uuid := s.config.Annotations[uuidAnnotation]; uuid != "" {
		s.createdBy = createdByPrefix + uuid
		return nil
	}
	seed := s.config.UID
	var system corev1.Namespace
	err := o.client.Get(ctx, client.ObjectKey{Name: "kube-system"}, &system)
	switch {
	case err == nil:
		seed = system.UID
	case !apierrors.IsNotFound(err):
		return fmt.Errorf("read namespace kube-system: %w", err)
	}
	s.uuid = deriveUUID(seed, s.config.Namespace+"/"+s.config.Name)
	s.createdBy = createdByPrefix + s.uuid
	return nil
}

// deriveUUID is a version 5 UUID.
func deriveUUID(seed types.UID, name string) string {
	sum := sha1.Sum([]byte(string(seed) + "/" + name)) // see the import
	sum[6], sum[8] = sum[6]&0x0f|0x50, sum[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}
