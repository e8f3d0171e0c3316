package control_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/internal/kubetest"
)

// TestB27_AKubeconfigIsReadAnewWithoutARestart moves a member cluster to another address, and then says so in the Secret.
//
// Shows: B27, better-secrets
func TestB27_AKubeconfigIsReadAnewWithoutARestart(t *testing.T) {
	inWorld(t, func(w *world) {
		members := func(address string) map[string]string {
			return map[string]string{"gslb-members": fmt.Sprintf(`{"kind":"Config","apiVersion":"v1","users":[{"name":"u","user":{}}],
				"clusters":[{"name":"c","cluster":{"server":"http://%s"}}],"contexts":[{"name":"east","context":{"cluster":"c","user":"u"}}]}`, address)}
		}
		pipes := kubetest.NewPipes()
		server := &http.Server{Handler: w.members["east"], ReadHeaderTimeout: time.Minute}
		go func() { _ = server.Serve(pipes) }()
		defer func() { _ = server.Close() }()
		home := "first.invalid:80"
		w.options.MemberConfig = nil
		w.options.MemberDial = func(_ context.Context, _, address string) (net.Conn, error) {
			if address != home {
				return nil, errors.New("connection refused by " + address)
			}
			return pipes.Dial()
		}
		config := gslbConfig()
		config.Spec.MemberClusters = config.Spec.MemberClusters[:1]
		w.own.Apply(config)
		w.own.Apply(gdp(func(s *amkov1alpha2.GDPSpec) { s.MatchClusters = s.MatchClusters[:1] }))
		w.own.Apply(secret("gslb-config-secret", members("first.invalid")))
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		connected := func() string { return condition(w.configStatus().Conditions, "MemberClustersConnected") }
		w.g.Expect(w.services()).To(HaveLen(1), connected())

		home = "second.invalid:80"
		w.g.Expect(server.Close()).To(Succeed())
		pipes = kubetest.NewPipes()
		server = &http.Server{Handler: w.members["east"], ReadHeaderTimeout: time.Minute}
		go func() { _ = server.Serve(pipes) }()
		w.members["east"].Apply(ingress("new", "new.example.com", "10.1.0.2"))
		w.pass(2 * time.Minute)
		w.g.Expect(w.services()).To(HaveLen(1), "the cluster is silent, its members stay")
		w.g.Expect(connected()).To(And(HavePrefix("False MemberClusterSilent"), ContainSubstring("refused by first.invalid")))
		w.own.Apply(secret("gslb-config-secret", members("second.invalid")))
		w.settle()
		w.g.Expect(w.services()).To(HaveLen(2), connected())
		w.g.Expect(connected()).To(HavePrefix("True"))
	})
}
