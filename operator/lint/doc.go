// Package lint names mistakes in GSLB configuration before anything is applied: in manifests of AMKO's and AKO's kinds and
// of the Ingresses and Services behind them, in values of AMKO's Helm chart, and in the kubeconfig of the member clusters.
//
// What an API server would refuse is only the smaller part of it. Most rules are about what is accepted and then does
// something else, or nothing: a policy without a selector, a weight for a cluster that no policy matches, a key of the chart
// one level too deep. Each rule is a value with an identifier, a severity and a sentence, in a file of its own; Rules lists
// them, and docs/lint.md is made from that list.
//
// The package is pure: sources in, findings out. It reads no files and asks nobody.
package lint
