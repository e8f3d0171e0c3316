// Package chart is the folder of the operator's Helm chart, which takes the values of AMKO's; see docs/operator.md. Its tests
// render it and hold what comes out against the definitions, the API types and what the program needs to be allowed.
package chart
