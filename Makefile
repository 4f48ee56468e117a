# Each target does all its own set-up: it needs CPython 3.11+, git and the network to the package registry.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PYTEST_OPTIONS ?=

.PHONY: help demo test browser lint action format bench lock reference package docs newcomer clean

help:
	@echo "make demo       a real application breaks after a real deploy, and deploywatch names the change"
	@echo "make test       all tests"
	@echo "make browser    what the tests in a real browser need: chromium (Debian's) and axe-core"
	@echo "make lint       format, lint, types, layers, generated references"
	@echo "make action     action.yml and ci/examples: checked, and the action run as GitHub would"
	@echo "make bench      the benchmarks of ci/bench"
	@echo "make lock       refresh the locked dependencies"
	@echo "make reference  write what is generated from the code"
	@echo "make newcomer   follow the README word by word in a fresh clone"
	@echo "make docs       the documentation as a site in site/, strictly"
	@echo "make package    wheel, sdist, single file, man pages, completions and SBOM into dist/"

demo: $(INSTALLED)
	$(BIN)/deploywatch demo

test: $(INSTALLED)
	$(BIN)/python -m pytest $(PYTEST_OPTIONS)

browser:
	ci/browser/install.sh

lint: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m ci.reference --check

action: $(INSTALLED)
	ci/workflows/check.sh
	$(BIN)/python -m ci.check_examples
	$(BIN)/python -m ci.runner

format: $(INSTALLED)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Every benchmark that needs nothing from outside; accuracy and fit need cases and their repositories.
BENCHMARKS := startup install compress outbox detection ranking_speed release_speed

bench: $(INSTALLED)
	@set -e; for name in $(BENCHMARKS); do \
		if [ -f ci/bench/$$name.py ]; then echo "== $$name"; $(BIN)/python -m ci.bench.$$name; fi; \
	done

reference: $(INSTALLED)
	$(BIN)/python -m ci.reference

newcomer: $(INSTALLED)
	$(BIN)/python -m ci.newcomer

docs: $(INSTALLED)
	$(BIN)/python -m ci.docs

package: $(INSTALLED)
	ci/package.sh

# The lock must hold on every machine: no registry's address, no path.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	--no-header --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

lock: $(INSTALLED)
	$(COMPILE) pyproject.toml --extra languages -o requirements/runtime.txt
	$(COMPILE) pyproject.toml --extra demo --extra languages --extra postgres --extra notify --group dev -o requirements/dev.txt

$(INSTALLED): requirements/dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "deploywatch needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
