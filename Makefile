# What can be done here. `make` alone lists the targets.

.DEFAULT_GOAL := help
SHELL := /bin/sh
.DELETE_ON_ERROR:

PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$name; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# Settings of a calling shell must not reach the tests or the checks.
unexport PYTHONPATH

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- the environment -------------------------------------------------------------------------------------------------

.PHONY: install
install: $(VENV)/project ## build the Python environment .venv

$(BIN)/python:
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed, and no python3 here is; set PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) has no venv module; on Debian: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/requirements: requirements/dev.txt | $(BIN)/python
	@echo "installing requirements/dev.txt into $(VENV)"
	@$(PIP) install --require-hashes --requirement requirements/dev.txt
	@touch $@

$(VENV)/project: pyproject.toml $(VENV)/requirements
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# --- running ---------------------------------------------------------------------------------------------------------

RUN_OPTIONS := $(if $(filter-out 0,$(ONCE)),--once) $(if $(LOOPS),--loops $(LOOPS))

.PHONY: run
run: $(VENV)/project ## run the whole system here; ONCE=1 ends after the demo, LOOPS=n drives n loops
	@exec $(BIN)/skill-voucher run $(RUN_OPTIONS)

.PHONY: migrate
migrate: $(VENV)/project ## migrate the databases of `make run`
	@exec $(BIN)/skill-voucher migrate

.PHONY: clean-local
clean-local: $(VENV)/project ## forget the state of `make run`: databases, topics, keys, logs
	@exec $(BIN)/skill-voucher clean

.PHONY: compose-secrets
compose-secrets: $(VENV)/project ## make the keys and passwords that docker-compose.yml names
	@exec $(BIN)/python -m deploy.compose secrets

# --- testing ---------------------------------------------------------------------------------------------------------

PYTEST_WORKERS ?= 2
PYTEST_ARGS ?=

.PHONY: test
test: $(VENV)/project ## run every test; PYTEST_ARGS="tests/payout -k gate" runs some
	@exec $(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadgroup $(PYTEST_ARGS)

.PHONY: test-moments
test-moments: $(VENV)/project ## run every test at each of several moments of business time, midnight and 29 February among them
	@exec $(BIN)/python -m tests.moments -n $(PYTEST_WORKERS) --dist loadgroup $(PYTEST_ARGS)

CHECKS := check-format check-lint check-types check-imports check-contracts check-documents

.PHONY: check $(CHECKS)
check: $(VENV)/project ## formatting, lint, types, imports, contracts and documents, side by side, in under a minute
	@$(MAKE) --no-print-directory --jobs 3 --output-sync=target --keep-going $(CHECKS)

check-format: $(VENV)/project
	@$(BIN)/ruff format --check --quiet . || { echo "formatting differs: make format" >&2; exit 1; }

check-lint: $(VENV)/project
	@$(BIN)/ruff check --quiet .

check-types: $(VENV)/project
	@$(BIN)/mypy

check-imports: $(VENV)/project
	@$(BIN)/lint-imports --no-cache --no-logo

check-contracts: $(VENV)/project
	@$(BIN)/python -m shared.contracts.freeze --check

check-documents: $(VENV)/project
	@$(BIN)/python -m deploy.documents --check

LINTERS := $(VENV)/openapi-linters
OPENAPI := $(CURDIR)/docs/openapi/*.json

.PHONY: lint-openapi
lint-openapi: $(VENV)/project ## lint the OpenAPI documents with Spectral and Redocly, which it installs where Node is
	@command -v npm >/dev/null || { echo "skipped: no npm here; tests/test_conventions.py holds what they find"; exit 0; } && \
		{ [ -d $(LINTERS)/node_modules ] && cmp -s deploy/lint/package.json $(LINTERS)/package.json; } || { \
		mkdir -p $(LINTERS) && cp deploy/lint/* $(LINTERS) && npm install --prefix $(LINTERS) --no-package-lock \
		--ignore-scripts --no-audit --no-fund --loglevel error; } && \
		export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true && cd $(LINTERS)/node_modules/.bin && \
		./spectral lint --quiet --ruleset $(CURDIR)/deploy/lint/spectral.yaml --fail-severity hint $(OPENAPI) && \
		{ said=$$(./redocly lint --extends recommended $(OPENAPI) 2>&1) || { echo "$$said" >&2; exit 1; }; }

CLUSTER_TOOLS := github.com/prometheus/prometheus/cmd/promtool@v0.310.0 sigs.k8s.io/kustomize/kustomize/v5@v5.8.0

.PHONY: cluster-tools
cluster-tools: ## build kustomize and promtool where Go is (minutes): test_kubernetes.py and test_alerts.py use them
	@command -v go >/dev/null || { echo "skipped: no go here"; exit 0; } && \
		mkdir -p .local/tools && cd .local/tools && { [ -f go.mod ] || go mod init tools; } && \
		go get -tool $(CLUSTER_TOOLS) && GOBIN=$(CURDIR)/.local/bin go install tool

.PHONY: format
format: $(VENV)/project ## format the code
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

.PHONY: bench
bench: $(VENV)/project ## measure speed, each figure beside its limit in the same run; BENCHES="relay" runs one
	@exec $(BIN)/python -m tests.bench $(BENCHES)

# --- what is generated -----------------------------------------------------------------------------------------------

.PHONY: contracts
contracts: $(VENV)/project ## freeze new event schemas, with an example of each
	@$(BIN)/python -m shared.contracts.freeze
	@$(BIN)/python -m tests.shared.contracts.write_examples

.PHONY: schema
schema: $(VENV)/project ## write docs/schema, each service's tables and functions as its database shows them
	@$(BIN)/python -m tests.schema

.PHONY: examples
examples: $(VENV)/project ## play the scenarios of the operations' examples and write what they sent and were answered
	@$(BIN)/python -m pytest -q -n 0 --write-examples tests/*/test_examples.py
	@$(BIN)/python -m deploy.documents --rewrite

.PHONY: docs
docs: $(VENV)/project ## write the generated parts of docs/ and of the README
	@$(BIN)/python -m deploy.documents
