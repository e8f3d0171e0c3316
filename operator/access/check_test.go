package access_test

import (
	"errors"
	"net/http"
	"testing"

	. "github.com/onsi/gomega"
	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/gslbsim/gslbsim/operator/access"
)

// check runs Check against a server that answers each question by a function.
func check(t *testing.T, answer func(a authorizationv1.ResourceAttributes) (allowed bool, err error)) error {
	t.Helper()
	client := fake.NewClientset()
	client.PrependReactor("create", "selfsubjectaccessreviews", func(action clienttesting.Action) (bool, runtime.Object, error) {
		review := action.(clienttesting.CreateAction).GetObject().(*authorizationv1.SelfSubjectAccessReview).DeepCopy()
		allowed, err := answer(*review.Spec.ResourceAttributes)
		review.Status.Allowed = allowed
		return true, review, err
	})
	return access.Check(t.Context(), client.AuthorizationV1(), "avi-system")
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	g := NewWithT(t)
	g.Expect(check(t, func(authorizationv1.ResourceAttributes) (bool, error) { return true, nil })).To(Succeed())

	err := check(t, func(a authorizationv1.ResourceAttributes) (bool, error) {
		return a.Resource != "secrets" && !(a.Resource == "gslbhostrules" && a.Subresource == "status"), nil
	})
	var missing *access.MissingError
	g.Expect(errors.As(err, &missing)).To(BeTrue())
	g.Expect(missing.Missing).To(Equal([]string{
		"patch gslbhostrules/status.amko.vmware.com", "get secrets in avi-system", "list secrets in avi-system", "watch secrets in avi-system",
	}))
}

func TestSecretsAreAskedForInTheNamespaceOnly(t *testing.T) {
	g := NewWithT(t)
	g.Expect(check(t, func(a authorizationv1.ResourceAttributes) (bool, error) {
		return a.Namespace == "avi-system" || a.Resource != "secrets" && a.Resource != "gslbconfigs", nil
	})).To(Succeed())
}

func TestAServerWithoutPermissionsRefusesNobody(t *testing.T) {
	g := NewWithT(t)
	absent := apierrors.NewNotFound(schema.GroupResource{Resource: "selfsubjectaccessreviews"}, "")
	g.Expect(check(t, func(authorizationv1.ResourceAttributes) (bool, error) { return false, absent })).To(Succeed())
	broken := apierrors.NewGenericServerResponse(http.StatusInternalServerError, "create", schema.GroupResource{}, "", "boom", 0, false)
	g.Expect(check(t, func(authorizationv1.ResourceAttributes) (bool, error) { return false, broken })).To(MatchError(ContainSubstring("ask the API server for permissions")))
}
