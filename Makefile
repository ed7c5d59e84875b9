# The one list of commands; `make` alone prints it. Settings: make run PORT=9000, make setup PYTHON=python3.12,
# make mutate ONLY=kidney, make bench OPTIONS=--write
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
OUT ?= build/fixtures
# Only `make lock` needs uv; everything else is plain pip.
UV := 0.13.9
# Only `make audit` and `make sbom` need these, in an environment of their own: they bring many packages along.
PIP_AUDIT := 2.10.1
CYCLONEDX := 7.5.0

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup run test style types floors tests guard bench mutate lock audit sbom fixtures pictures clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# A stamp says which lock is installed. The project itself is built with the pinned setuptools and without
# an index, so nothing is ever fetched that the lock does not name.
define install
	@echo "Installing $(1) into .venv ..."
	@$(PIP) install --quiet --require-hashes --only-binary :all: -r $(1)
	@$(PIP) install --quiet --no-index --no-deps --no-build-isolation --editable .
endef

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "This needs Python 3.11 or newer, and '$(PYTHON)' is not. Name one: make setup PYTHON=python3.11" >&2; \
	  exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/.runtime: requirements.lock pyproject.toml | $(BIN)/python
	$(call install,requirements.lock)
	@touch $@

# The development lock holds the runtime lock, too. Spark is published as source only: it is built by the pinned setuptools.
.venv/.development: requirements-dev.lock requirements-spark.lock pyproject.toml | $(BIN)/python
	$(call install,requirements-dev.lock)
	@$(PIP) install --quiet --require-hashes --no-deps --only-binary :all: --no-binary pyspark --no-build-isolation \
	  -r requirements-spark.lock
	@touch .venv/.runtime $@

setup: .venv/.development ## Create .venv with everything for development

run: .venv/.runtime ## Start the service (set-up included): HOST, PORT
	@exec $(BIN)/cds serve --host $(HOST) --port $(PORT)

test: style types floors tests guard ## Run style, types, floors, tests and guard

style: .venv/.development ## Check lint and format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: .venv/.development ## Check types
	$(BIN)/mypy

floors: .venv/.development ## Check which package may import which
	$(BIN)/lint-imports

tests: .venv/.development ## Run the tests with branch coverage
	$(BIN)/pytest --cov --numprocesses auto

guard: .venv/.development ## Compare the cost of a call with a bare Flask app, by a loose bound
	@$(BIN)/python -m benchmarks --guard

bench: .venv/.development ## Measure everything against a bare Flask app (8 minutes): OPTIONS
	@$(BIN)/python -m benchmarks $(OPTIONS)

mutate: .venv/.development ## Move every number, turn every comparison; a case must feel each (minutes): ONLY
	@$(BIN)/python -m tests.mutate $(ONLY)

fixtures: .venv/.runtime ## Write the synthetic hook requests, rolled to today: OUT
	@$(BIN)/cds fixtures $(OUT)

pictures: .venv/.development ## Draw the pictures of the documents anew, in a real browser
	@PICTURES=docs $(BIN)/pytest tests/browser/test_playground_looks.py -k documents

# --no-config: hashes are PyPI's own, whatever index this machine is set up for. Extras stay named: pip would look for the
# newest `coverage[toml]` where the lock pins `coverage` only, and refuse it.
COMPILE = $(BIN)/uv pip compile --quiet --no-config --upgrade --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --no-strip-extras --custom-compile-command "make lock" pyproject.toml -
BACKEND = $(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")'

lock: | $(BIN)/python ## Pin the newest allowed versions in the lock files
	$(PIP) install --quiet uv==$(UV)
	$(BACKEND) | $(COMPILE) --output-file requirements.lock
	$(BACKEND) | $(COMPILE) --output-file requirements-postgres.lock --extra postgres --constraint requirements.lock
	$(BACKEND) | $(COMPILE) --output-file requirements-dev.lock --extra dev --constraint requirements.lock
	$(BACKEND) | $(COMPILE) --output-file requirements-spark.lock --extra spark --constraint requirements.lock

AUDIT := build/audit/$(PIP_AUDIT)-$(CYCLONEDX)

$(AUDIT)/.installed:
	@echo "Installing what audits into $(AUDIT) ..."
	@$(PYTHON) -m venv --clear $(AUDIT)
	@$(AUDIT)/bin/python -m pip --disable-pip-version-check install --quiet \
	  pip-audit==$(PIP_AUDIT) cyclonedx-bom==$(CYCLONEDX)
	@touch $@

# The tool checks the list against CycloneDX's own schema. It warns that a lock tells nobody's dependencies: so it is.
sbom: $(AUDIT)/.installed ## List what the image installs, as CycloneDX: build/sbom.json
	@$(AUDIT)/bin/python -W ignore -m cyclonedx_py requirements --pyproject pyproject.toml --mc-type application \
	  --output-reproducible --output-format JSON --output-file build/sbom.json requirements-postgres.lock
	@echo "build/sbom.json"

# --strict: what could not be looked up is no better than what is vulnerable. A site without a way to PyPI may have OSV's
# records on a server of its own: make audit OPTIONS="-s osv --osv-url https://osv.example.org/v1/query"
audit: sbom ## Look up known vulnerabilities of what the image installs (needs PyPI): OPTIONS
	@$(AUDIT)/bin/pip-audit $(OPTIONS) --strict --progress-spinner off --disable-pip --require-hashes --requirement requirements-postgres.lock

clean: ## Remove .venv and everything else that was generated
	rm -rf .venv build dist .coverage .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
