package control

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	"github.com/gslbsim/gslbsim/operator/avi"
	"github.com/gslbsim/gslbsim/operator/federate"
)

// Secrets and keys in the operator's namespace.
const (
	membersSecret  = "gslb-config-secret"
	membersKey     = "gslb-members"
	usernameKey    = "username"
	passwordKey    = "password"
	certificateKey = "certificateAuthorityData" // AKO's name for it; AMKO has none
)

// The states of a GSLBConfig, in AMKO's words.
const (
	stateSyncing       = "syncing all objects"
	stateAccepted      = "success: gslb config accepted"
	stateNotLeader     = "error: controller not a leader"
	stateInvalid       = "error: invalid gslb config"
	stateSecond        = "error: can't add another gslbconfig"
	stateNoSecret      = "error: secret object doesn't exist "
	stateBadKubeconfig = "error: provided kubeconfig has an error "
	stateUnreachable   = "error: issue in connecting to the controller API, "
	stateNoSite        = "error fetching Gslb leader site details, "
)

// settings are what the operator's own objects say, the policies apart.
type settings struct {
	// amko are the AMKOClusters. leads says whether this operator may write at all, federates whether it copies its
	// configuration, to the followers.
	amko      []amkov1alpha1.AMKOCluster
	leads     bool
	federates bool
	followers map[string]follower
	// config is the GSLBConfig that counts, nil if there is none; others are refused.
	config *amkov1alpha1.GSLBConfig
	others []*amkov1alpha1.GSLBConfig
	// problem is why the operator cannot work, as a state of the GSLBConfig; empty: it can.
	problem string

	controller avi.Config
	createdBy  string
	uuid       string // to be noted on the GSLBConfig if it is not there
	tenant     string
	mapped     bool
	drift      time.Duration
	logLevel   string

	clusters   map[string]bool
	members    map[string]memberConfig
	memberErrs map[string]error
}

// follower is how to reach a cluster that follows, or why it cannot be reached.
type follower struct {
	memberConfig
	err error
}

// memberConfig is how to reach a member cluster; two with one fingerprint are the same.
type memberConfig struct {
	rest        *rest.Config
	fingerprint string
}

// readSettings reads the operator's own objects. The error is that of reading; what is wrong with the objects is in the
// settings.
func (o *operator) readSettings(ctx context.Context) (*settings, error) {
	s := &settings{
		clusters: map[string]bool{}, members: map[string]memberConfig{}, memberErrs: map[string]error{}, followers: map[string]follower{},
	}
	var clusters amkov1alpha1.AMKOClusterList
	if err := o.client.List(ctx, &clusters, client.InNamespace(o.Namespace)); err != nil {
		return nil, fmt.Errorf("read AMKOClusters: %w", err)
	}
	// With none, or with several, it is not known whether this is the operator that leads; AMKO ends itself then.
	s.amko, s.leads = clusters.Items, len(clusters.Items) == 1 && clusters.Items[0].Spec.IsLeader
	if !s.leads {
		return s, nil
	}
	contexts, err := o.contexts(ctx)
	if err != nil {
		return nil, err
	}
	if s.federates, _ = federate.Standing(s.amko); s.federates {
		for _, name := range federate.Followers(&s.amko[0].Spec) {
			config, err := contexts.member(name, o.Options)
			s.followers[name] = follower{config, err}
		}
	}
	var configs amkov1alpha1.GSLBConfigList
	if err := o.client.List(ctx, &configs, client.InNamespace(o.Namespace)); err != nil {
		return nil, fmt.Errorf("read GSLBConfigs: %w", err)
	}
	if s.choose(configs.Items); s.config == nil {
		return s, nil
	}
	s.fromSpec(&s.config.Spec, o.Options)
	if err := o.readIdentity(ctx, s); err != nil {
		return nil, err
	}
	if err := o.readCredentials(ctx, s); err != nil {
		return nil, err
	}
	s.readMembers(contexts, o.Options)
	return s, nil
}

// choose takes the oldest GSLBConfig; of two of one second the one that was accepted, then the first by name.
func (s *settings) choose(configs []amkov1alpha1.GSLBConfig) {
	accepted := func(c *amkov1alpha1.GSLBConfig) int {
		if c.Status.State == stateAccepted {
			return 0
		}
		return 1
	}
	for i := range configs {
		s.others = append(s.others, &configs[i])
	}
	slices.SortFunc(s.others, func(a, b *amkov1alpha1.GSLBConfig) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(accepted(a), accepted(b)),
			cmp.Compare(a.Name, b.Name))
	})
	if len(s.others) > 0 {
		s.config, s.others = s.others[0], s.others[1:]
	}
}

func (s *settings) fromSpec(spec *amkov1alpha1.GSLBConfigSpec, o Options) {
	leader := spec.GSLBLeader
	s.controller = avi.Config{Address: strings.TrimSpace(leader.ControllerIP), Version: leader.ControllerVersion, Transport: o.AviTransport}
	if s.controller.Address == "" {
		s.problem = stateInvalid + " with controller IP " + leader.ControllerIP
	}
	s.tenant = "admin"
	if leader.Tenant != nil && *leader.Tenant != "" {
		s.tenant = *leader.Tenant
	}
	s.mapped = spec.UseCustomGlobalFqdn != nil && *spec.UseCustomGlobalFqdn
	s.logLevel = cmp.Or(string(spec.LogLevel), string(amkov1alpha1.LogLevelInfo))
	s.drift = cmp.Or(o.DriftInterval, time.Duration(max(0, spec.RefreshInterval))*time.Second, DefaultDriftInterval)
	for _, m := range spec.MemberClusters {
		if m.ClusterContext != "" {
			s.clusters[m.ClusterContext] = true
		}
	}
}

func (o *operator) readCredentials(ctx context.Context, s *settings) error {
	name := s.config.Spec.GSLBLeader.Credentials
	secret, err := o.secret(ctx, name)
	switch {
	case err != nil:
		return err
	case secret == nil:
		s.problem = cmp.Or(s.problem, stateNoSecret+name)
		return nil
	}
	s.controller.Username, s.controller.Password = string(secret.Data[usernameKey]), string(secret.Data[passwordKey])
	s.controller.CA = secret.Data[certificateKey]
	if s.controller.Username == "" || s.controller.Password == "" {
		s.problem = cmp.Or(s.problem, stateInvalid+" with leaderSecret "+name)
	}
	return nil
}

// readMembers finds out how to reach the member clusters.
func (s *settings) readMembers(contexts contexts, o Options) {
	s.problem = cmp.Or(s.problem, contexts.problem)
	if contexts.problem != "" {
		return
	}
	for name := range s.clusters {
		config, err := contexts.member(name, o)
		if err != nil {
			s.memberErrs[name] = err
			continue
		}
		s.members[name] = config
	}
}

// secret returns a Secret of the operator's namespace, nil if there is none.
func (o *operator) secret(ctx context.Context, name string) (*corev1.Secret, error) {
	if name == "" {
		return nil, nil // no name, no secret
	}
	var secret corev1.Secret
	err := o.client.Get(ctx, client.ObjectKey{Namespace: o.Namespace, Name: name}, &secret)
	if apierrors.IsNotFound(err) {
		return nil, nil // absent is not an error
	}
	if err != nil {
		return nil, fmt.Errorf("read Secret %s: %w", name, err)
	}
	return &secret, nil
}

// sameController says whether the settings lead to the same session.
func (s *settings) sameController(t *settings) bool {
	a, b := s.controller, t.controller
	return a.Address == b.Address && a.Username == b.Username && a.Password == b.Password && a.Version == b.Version &&
		string(a.CA) == string(b.CA)
}
