package access

import (
	"context"
	"fmt"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	authorization "k8s.io/client-go/kubernetes/typed/authorization/v1"
)

// MissingError says what the operator may not do and has to.
type MissingError struct {
	// Missing are permissions as "verb resource.group", with " in namespace" where they are only needed there.
	Missing []string
}

func (e *MissingError) Error() string {
	return "the operator is not allowed to " + strings.Join(e.Missing, ", ")
}

// Check asks the API server of the operator's own cluster whether the operator may do what it has to: a *MissingError names
// what it may not. Any other error says that the server could not be asked. It blocks for some requests, until the context
// ends. more are rules for the namespace that an option needs, such as MultiClusterIngress.
func Check(ctx context.Context, client authorization.AuthorizationV1Interface, namespace string, more ...rbacv1.PolicyRule) error {
	missing, err := ask(ctx, client, "", Everywhere())
	if err != nil {
		return err
	}
	inside, err := ask(ctx, client, namespace, append(InNamespace(), more...))
	if err != nil {
		return err
	}
	if missing = append(missing, inside...); len(missing) > 0 {
		return &MissingError{missing}
	}
	return nil
}

// ask returns the permissions that the rules need and the caller has not.
func ask(ctx context.Context, client authorization.AuthorizationV1Interface, namespace string, rules []rbacv1.PolicyRule) (missing []string, err error) {
	for _, one := range attributes(namespace, rules) {
		review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &one}}
		review, err := client.SelfSubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
		if apierrors.IsNotFound(err) {
			return nil, nil // a server that does not know the question refuses nobody
		}
		if err != nil {
			return nil, fmt.Errorf("ask the API server for permissions: %w", err)
		}
		if !review.Status.Allowed {
			missing = append(missing, describe(one))
		}
	}
	return missing, nil
}

// attributes spells rules out, one permission each.
func attributes(namespace string, rules []rbacv1.PolicyRule) []authorizationv1.ResourceAttributes {
	var out []authorizationv1.ResourceAttributes
	for _, r := range rules {
		for _, resource := range r.Resources {
			name, sub, _ := strings.Cut(resource, "/")
			for _, verb := range r.Verbs {
				out = append(out, authorizationv1.ResourceAttributes{
					Namespace: namespace, Verb: verb, Group: r.APIGroups[0], Resource: name, Subresource: sub,
				})
			}
		}
	}
	return out
}

func describe(a authorizationv1.ResourceAttributes) string {
	what := a.Resource
	if a.Subresource != "" {
		what += "/" + a.Subresource
	}
	if a.Group != "" {
		what += "." + a.Group
	}
	if a.Namespace != "" {
		what += " in " + a.Namespace
	}
	return a.Verb + " " + what
}
