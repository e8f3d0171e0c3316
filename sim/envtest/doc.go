// Package envtest proves the operator against real API servers: its tests start kube-apiserver and etcd, a fake Avi
// controller on a loopback port, and the built program `gslbsim operator` as a process of its own, allowed no more than the
// chart's roles allow. Its benchmark measures the same.
//
// The tests need the programs kube-apiserver and etcd, which `make envtest-assets` gets, and KUBEBUILDER_ASSETS, the folder
// that they are in, which `make test-envtest` and `make bench-operator` set. Without it they are left out.
package envtest
