# gslbsim: `make help` lists what can be done.

GO       ?= go
BIN      := bin/gslbsim
TOOLS    := $(GO) tool -modfile=hack/tools/go.mod
name     ?= failover
seed     ?=
out      ?= out

.PHONY: help
help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z][a-z-]*:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/gslbsim
	@$(GO) build -o $(BIN) ./cmd/gslbsim

.PHONY: scenario
scenario: build ## run a scenario: make scenario name=failover [seed=7] [out=DIR]
	@$(BIN) run $(name) --out $(out) $(if $(seed),--seed $(seed))

.PHONY: test
test: ## run all tests
	@$(GO) test ./...

.PHONY: race
race: ## run all tests with the race detector
	@$(GO) test -race ./...

.PHONY: envtest-assets
envtest-assets: ## get kube-apiserver and etcd for the envtest suites (downloaded, else built: some minutes, once)
	@hack/envtest-assets/get

.PHONY: generate
generate: ## make generated files anew: deepcopy code, CRDs, the compact Avi schema, the feature table
	@$(GO) generate ./...

.PHONY: bench
bench: ## run the failover scenario ten times and print wall time and memory
	@$(GO) test -run '^$$' -bench Failover -benchtime 10x ./scenarios

.PHONY: verify
verify: ## everything: format, vet, static analysis, generated files, module file, race tests, every scenario twice
	@./hack/verify

.PHONY: clean
clean: ## remove what was built and written
	@rm -rf bin out
