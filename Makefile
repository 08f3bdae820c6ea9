# `make help` lists what can be done. Everything but Go, Node and Python is
# installed by these rules, pinned, into folders that git ignores.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

# The environment to synthesise or deploy: any overlay in config/.
ENV ?= dev
# Further arguments of the CDK, such as CDK_ARGS='-c set.budget.monthlyUsd=500'.
CDK_ARGS ?=
# Further arguments of go test, such as TEST_ARGS='-run Lease ./runtime/...'. The
# fault run waits for most of its minute: first in line, it does so beside the rest.
TEST_ARGS ?= ./test/fault ./...
# How many packages are tested at once: two a processor, as they wait for processes
# and emulators about as long as they compute.
TEST_PACKAGES ?= $(shell echo $$((2 * $$(getconf _NPROCESSORS_ONLN))))
# Further arguments of make bench-jobs, such as BENCH_ARGS='-only drain'.
BENCH_ARGS ?=
PYTHON ?= python3
# What is tried at random; the same SEED tries the same.
SEED ?= 1
# What fault runs, and how many processes it kills meanwhile: 10000 and 500 take
# a quarter of an hour.
JOBS ?= 1000
KILLS ?= 50
# How many requests api-fuzz makes up for each operation, in each of its phases.
EXAMPLES ?= 100

ENVIRONMENTS := $(filter-out base,$(basename $(notdir $(wildcard config/*.yaml))))
GOLANGCI_LINT_VERSION := v2.15.0

NODE_READY := node_modules/.package-lock.json
PYTHON_READY := .venv/.ready
CHECKOV_READY := .cache/checkov/.ready
SCHEMATHESIS_READY := .cache/schemathesis/.ready
LITELLM_READY := .cache/litellm/.ready
OPENAI_READY := .cache/openai/.ready
GOLANGCI_LINT := .cache/golangci-lint-$(GOLANGCI_LINT_VERSION)/golangci-lint

export PYTHON
# Neither usage reports nor news: nothing here needs the network after setup.
export CDK_DISABLE_CLI_TELEMETRY := true
export npm_config_update_notifier := false
CDK := PATH="$(CURDIR)/node_modules/.bin:$$PATH" cdk --no-notices --no-version-reporting

# The CDK's own validation makes a synth four times slower and leaves the
# templates as they are: it runs where they are judged or deployed.
SYNTH_FAST := CDK_VALIDATION=false
SYNTH_FULL := CDK_VALIDATION=true

# --- what one runs ---------------------------------------------------------

.PHONY: help
help: ## Show this list.
	@awk 'BEGIN { FS = ":.*## " } /^## / { printf "\n%s\n", substr($$0, 4) } \
	      /^[a-z0-9-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\nENV is one of: %s (now %s)\n' "$(ENVIRONMENTS)" "$(ENV)"

## Set up

.PHONY: setup
setup: $(NODE_READY) $(PYTHON_READY) $(OPENAI_READY) ## Install the CDK's command line, its Node, the emulator and OpenAI's client.

.PHONY: clean
clean: ## Remove what was built, but not what was installed.
	rm -rf build cdk.out cdk.out.* .cache/functions

## Synthesise and deploy

.PHONY: synth
synth: $(NODE_READY) ## Write the templates of ENV to cdk.out/.
	$(SYNTH_FAST) $(CDK) synth --quiet --context env=$(ENV) $(CDK_ARGS)
	-@go run ./cmd/tandem cost --assembly cdk.out --summary

.PHONY: diff
diff: $(NODE_READY) ## Compare ENV with what is deployed.
	$(SYNTH_FAST) $(CDK) diff --context env=$(ENV) $(CDK_ARGS)

.PHONY: deploy
deploy: $(NODE_READY) ## Deploy ENV to AWS; asks before it widens permissions.
	$(SYNTH_FULL) $(CDK) deploy --all --context env=$(ENV) $(CDK_ARGS)

.PHONY: destroy
destroy: $(NODE_READY) ## Delete ENV from AWS; asks first.
	$(SYNTH_FAST) $(CDK) destroy --all --context env=$(ENV) $(CDK_ARGS)

.PHONY: emulate
emulate: setup ## Deploy ENV to an emulator on this machine and keep it running.
	$(SYNTH_FAST) $(CDK) synth --quiet --context env=$(ENV) --output build/synth/$(ENV) $(CDK_ARGS)
	go run ./test/emulator/cli up --env $(ENV) build/synth/$(ENV)

## Test

.PHONY: test
test: setup ## Run all tests but those that deploy whole environments.
	@# First what takes memory to compile, one package a processor.
	go build ./...
	TANDEM_REQUIRE_TOOLS=1 go test -p $(TEST_PACKAGES) $(TEST_ARGS)

.PHONY: test-update
test-update: setup ## Write the golden files again; read the diff before you commit it.
	UPDATE_SNAPS=true TANDEM_UPDATE=1 go test $(TEST_ARGS)

.PHONY: e2e
e2e: setup ## Deploy to the emulator and drive it over HTTP as a user would; follow a wake and an interruption from end to end.
	TANDEM_REQUIRE_TOOLS=1 TANDEM_E2E=1 go test -count=1 -timeout 10m ./test/e2e/...
	TANDEM_REQUIRE_TOOLS=1 TANDEM_E2E=1 go test -count=1 -timeout 5m -v ./test/chain/...

.PHONY: e2e-update
e2e-update: setup ## Write the lists of what the emulator does without; read the diff.
	TANDEM_UPDATE=1 TANDEM_E2E=1 go test -count=1 -timeout 10m ./test/e2e/...

.PHONY: fault
fault: setup ## Kill and cut off real processes while they run jobs: JOBS, KILLS, SEED.
	go build -o build/fault/fault ./test/fault/cmd/fault
	build/fault/fault -jobs $(JOBS) -kills $(KILLS) -seed $(SEED)

.PHONY: api-fuzz
api-fuzz: $(SCHEMATHESIS_READY) ## Call the API with what its document allows and forbids: SEED, EXAMPLES.
	go build -o build/api-fuzz/tandem ./cmd/tandem
	$(dir $(SCHEMATHESIS_READY))bin/python test/apifuzz/run.py build/api-fuzz/tandem --seed $(SEED) --examples $(EXAMPLES)

.PHONY: fakenvml
fakenvml: ## Build an NVML library without a driver behind it, for the GPU agent's tests.
	go run ./test/fakenvml/cmd/build

.PHONY: image
image: ## Build the GPU agent's image, start it as ECS would, and ask it how it is.
	tools/image

.PHONY: test-gpu
test-gpu: ## Compare the GPU agent with nvidia-smi on a machine with an NVIDIA driver.
	go test -count=1 -v -timeout 10m ./test/gpu/...

## Check

.PHONY: check
check: check-format lint check-generated check-templates check-api ## Everything that can be judged at once.

.PHONY: fmt
fmt: ## Format the Go files.
	gofmt -w $$(git ls-files --cached --others --exclude-standard -- '*.go')

.PHONY: check-format
check-format: ## Find files that gofmt would change.
	@unformatted=$$(gofmt -l $$(git ls-files --cached --others --exclude-standard -- '*.go')); \
	if [[ -n "$$unformatted" ]]; then \
	  printf '%s\n' "$$unformatted" "these files are not formatted: run 'make fmt'" >&2; exit 1; \
	fi

.PHONY: lint
lint: $(GOLANGCI_LINT) ## Run go vet's analyzers and the linters of .golangci.yml.
	$(GOLANGCI_LINT) run ./...

.PHONY: generate
generate: ## Write generated files again.
	go generate ./...

.PHONY: check-generated
check-generated: ## Find generated files that differ from their source.
	tools/check-generated

.PHONY: check-api
check-api: ## Find answers of the API that its document does not describe; a short api-fuzz.
	@$(MAKE) --no-print-directory api-fuzz EXAMPLES=10

.PHONY: check-templates
check-templates: $(NODE_READY) $(PYTHON_READY) $(CHECKOV_READY) ## Validate every environment: the CDK, cfn-lint, checkov.
	for env in $(ENVIRONMENTS); do \
	  $(SYNTH_FULL) $(CDK) synth --quiet --context env=$$env --output build/synth/$$env; \
	done
	tools/check-templates $(foreach env,$(ENVIRONMENTS),build/synth/$(env))

## Measure

.PHONY: bench-jobs
bench-jobs: setup ## Measure submitting and running jobs beside bare loops; write docs/benchmarks.md.
	go build -o build/bench-jobs ./test/bench/jobs
	build/bench-jobs -write docs/benchmarks.md $(BENCH_ARGS)

.PHONY: bench-agent
bench-agent: ## Measure the GPU agent on eight fake GPUs; write docs/benchmarks.md.
	go build -trimpath -ldflags="-s -w" -o build/bench-agent/gpuagent ./gpuagent
	go build -o build/bench-agent/bench ./test/bench/agent
	build/bench-agent/bench -agent build/bench-agent/gpuagent -write docs/benchmarks.md $(BENCH_ARGS)

.PHONY: bench-models
bench-models: $(LITELLM_READY) ## Measure what the models' router adds, beside LiteLLM; write docs/benchmarks.md.
	go build -o build/bench-models ./test/bench/models
	build/bench-models -litellm $(dir $(LITELLM_READY))bin/litellm -write docs/benchmarks.md $(BENCH_ARGS)

.PHONY: bench-capacity
bench-capacity: ## Compare the capacity policy with its peers on TANDEM_TRACES; write docs/benchmarks.md.
	go build -o build/bench-capacity ./test/bench/capacity
	build/bench-capacity -write docs/benchmarks.md $(BENCH_ARGS)

.PHONY: bench-synth
bench-synth: $(NODE_READY) ## Measure a synth beside the same construct calls made in JavaScript.
	cd test/bench/synth && npm ci --silent
	PATH="$(CURDIR)/node_modules/.bin:$$PATH" ENV=$(ENV) node test/bench/synth/bench.cjs

.PHONY: bench-planning
bench-planning: $(NODE_READY) ## Measure cost, advise and the simulator; write docs/benchmarks.md.
	go build -o build/bench-planning/tandem ./cmd/tandem
	go build -o build/bench-planning/bench ./test/bench/planning
	$(SYNTH_FAST) $(CDK) synth --quiet --context env=prod --output build/bench-planning/prod
	build/bench-planning/bench -write docs/benchmarks.md $(BENCH_ARGS)

# --- what is installed -----------------------------------------------------

$(NODE_READY): package.json package-lock.json .npmrc tools/setup-node
	tools/setup-node
	@touch $@

$(PYTHON_READY): test/requirements.txt tools/setup-python
	tools/setup-python .venv $<
	@touch $@

$(CHECKOV_READY): test/requirements-checkov.txt tools/setup-python
	tools/setup-python $(@D) $<
	@touch $@

$(SCHEMATHESIS_READY): test/requirements-schemathesis.txt tools/setup-python
	tools/setup-python $(@D) $<
	@touch $@

$(OPENAI_READY): test/requirements-openai.txt tools/setup-python
	tools/setup-python $(@D) $<
	@touch $@

$(LITELLM_READY): test/requirements-litellm.txt tools/setup-python
	tools/setup-python $(@D) $<
	@touch $@

# No package carries golangci-lint, so it is built: about 80 s, once a version.
$(GOLANGCI_LINT):
	GOBIN="$(CURDIR)/$(@D)" GOFLAGS= go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)
