# gslbsim: `make help` lists what can be done.

GO       ?= go
BIN      := bin/gslbsim
TOOLS    := $(GO) tool -modfile=hack/tools/go.mod
name     ?= failover
seed     ?=
out      ?= out
trace    ?= scenarios/traces/lab.txt
config   ?= $(basename $(trace)).yaml
rate     ?=
queries  ?=
runs     ?= 3

.PHONY: help
help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z][a-z-]*:.*## / {printf "  %-21s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/gslbsim
	@$(GO) build -o $(BIN) ./cmd/gslbsim

.PHONY: scenario
scenario: build ## run a scenario [name=failover] [seed=7] [out=DIR]
	@$(BIN) run $(name) --out $(out) $(if $(seed),--seed $(seed))

.PHONY: test
test: ## run all tests but those that need real API servers
	@$(GO) test ./...
	@echo "left out: the suites against real API servers (make envtest-assets test-envtest)"

.PHONY: race
race: ## run all tests with the race detector
	@$(GO) test -race ./...

.PHONY: envtest-assets
envtest-assets: ## get kube-apiserver and etcd for the envtest suites: minutes, once
	@hack/envtest-assets/get

.PHONY: test-envtest
test-envtest: ## run the operator's suites against real API servers
	@KUBEBUILDER_ASSETS=$$(hack/envtest-assets/get --where) $(GO) test -count=1 -timeout 20m ./sim/envtest

.PHONY: bench-operator
bench-operator: ## measure the operator against real API servers, else clusters in memory [runs=3]
	@KUBEBUILDER_ASSETS=$$(hack/envtest-assets/get --where) $(GO) test -run '^$$' -bench Operator -benchtime $(runs)x -timeout 60m ./sim/envtest

.PHONY: lives
lives: ## compare the ends of many random lives of the operator with a clean pass: make lives [lives=300]
	@$(GO) test -count=1 -timeout 60m -run AnyOrderAnyRestart ./operator/control -lives $(or $(lives),300)

.PHONY: generate
generate: ## make generated files anew: deepcopy code, CRDs, the Avi schema, tables in docs
	@$(GO) generate ./...

.PHONY: bench
bench: ## run the failover scenario ten times and print wall time and memory
	@$(GO) test -run '^$$' -bench Failover -benchtime 10x ./scenarios

.PHONY: loadtest
loadtest: build ## play a query file against a live server [trace=FILE] [config=FILE] [rate=N] [queries=N]
	@$(BIN) loadtest --trace $(trace) --config $(config) $(if $(rate),--rate $(rate)) $(if $(queries),--queries $(queries))

.PHONY: bench-dns
bench-dns: build ## compare the cost of DNS answers with servers on PATH [compare=algorithms|names|members] [rounds=5]
	@$(GO) run ./hack/benchdns -gslbsim $(BIN) -compare $(or $(compare),servers) -rounds $(or $(rounds),5)

.PHONY: bench-fakeavi
bench-fakeavi: ## measure a live controller: creations, cold sync, long lists, memory [rounds=5]
	@$(GO) run ./hack/benchfakeavi -rounds $(or $(rounds),5)

.PHONY: conformance-sdk
conformance-sdk: build ## run the SDK's own live-controller tests against gslbsim avi (2 minutes)
	@$(GO) run ./hack/conformancesdk $(BIN)

.PHONY: conformance-operator
conformance-operator: ## run a real AMKO against our clusters and controller (OPERATOR=path)
	@test -n "$(OPERATOR)" || { echo "say which binary: OPERATOR=path make conformance-operator"; exit 2; }
	@OPERATOR=$(abspath $(OPERATOR)) $(GO) test -count=1 -v ./sim/foreign

.PHONY: verify
verify: ## all checks: format, vet, static analysis, generated files, race tests, scenarios twice
	@./hack/verify

.PHONY: clean
clean: ## remove what was built and written
	@rm -rf bin out
