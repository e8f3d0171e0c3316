// Package policy says what the GlobalDeploymentPolicy and the GSLBHostRules mean.
//
// CompileGlobal and CompileRule judge a resource as AMKO does, with AMKO's words, and turn it into plain values. A
// Policy is these values together; Policy.Desired is the heart of the operator: from the policy and what the member
// clusters hold for one FQDN it says which GSLB services and health monitors the controller should hold. It is a pure
// function: nothing depends on what came first, or on what was there before.
package policy
