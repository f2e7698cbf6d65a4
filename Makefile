# Every target does its own set-up: a fresh clone, make and a Python 3.11-3.13 with venv are enough.
#   make demo    the oil-and-gas case: table of key figures and pictures in results/demo
#   make test    linters, documentation, and the whole test suite
#   make smoke   the few tests that every supported Python and Mesa must pass
#   make warm    compile the engine now, which the first command would wait for
#   make bench   speed and memory measurements (experiments/bench)
#   make docs    the documentation, into docs/_build/html
#   make lint    ruff and mypy;   make format   let ruff rewrite the files
#   make lock    remake the two lock files (needs the network)
#   make clean   remove the virtual environment and everything made by the targets above
# PYTHON=/path/to/python chooses the interpreter, TEST_ARGS="-k name" the tests.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?=
TEST_ARGS ?= -n 2 --dist loadfile
UV_VERSION := 0.13.8

# The user's settings of pip (proxy, certificate, mirror) stay in force; hashes guard what is fetched.
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL_PROJECT := $(PIP) install --quiet --no-deps --no-build-isolation -e . && $(PIP) check

.DEFAULT_GOAL := help
.PHONY: help demo test smoke bench docs lint format lock browser warm clean
.DELETE_ON_ERROR:

help:
	@sed -n 's/^#   //p' Makefile

demo: $(VENV)/.demo
	rm -rf results/demo
	$(BIN)/esc-sim run scenarios/oil_gas --replications 20 --seed 1 --out results/demo

# What needs nothing but the packages is done side by side; the tests then find all kernels compiled.
test: $(VENV)/.dev browser
	$(MAKE) --no-print-directory -j 2 docs lint warm
	$(BIN)/python -m pytest $(TEST_ARGS)

warm: $(VENV)/.dev
	$(BIN)/esc-sim warm

# Only the files with such tests are read: the packages of the demo are fewer than those that all files import.
smoke: $(VENV)/.demo
	$(BIN)/python -c "import sys, mesa; print('Python', sys.version.split()[0], 'Mesa', mesa.__version__)"
	$(BIN)/python -m pytest -m smoke $$(grep -rl 'mark[.]smoke' tests)

bench: $(VENV)/.dev
	$(BIN)/python -m experiments.bench

docs: $(VENV)/.dev
	$(BIN)/python -m sphinx --fresh-env --fail-on-warning --keep-going --quiet -b html docs docs/_build/html
	@echo "documentation: docs/_build/html/index.html"

lint: $(VENV)/.dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy

format: $(VENV)/.dev
	$(BIN)/python -m ruff check --fix-only --quiet .
	$(BIN)/python -m ruff format .

# The page tests drive an installed Chromium or Chrome. ESC_SIM_REQUIRE_BROWSER=1 makes its absence a failure.
BROWSERS := chromium chromium-browser google-chrome google-chrome-stable
browser:
	@for name in $(BROWSERS); do if command -v $$name >/dev/null 2>&1; then exit 0; fi; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	    echo "No Chromium here; installing the distribution's for the browser tests"; \
	    apt-get update -qq </dev/null >/dev/null && \
	    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium </dev/null >/dev/null && exit 0; \
	fi; \
	echo "The browser tests need Chromium or Chrome. On Debian: sudo apt-get install chromium" >&2; \
	[ "$${ESC_SIM_REQUIRE_BROWSER:-0}" != 1 ]

# Two steps, because hash mode cannot cover the project itself.
$(VENV)/.demo: $(VENV)/.python requirements-demo.lock pyproject.toml
	@echo "Installing the packages of requirements-demo.lock into $(VENV) (one to two minutes)"
	$(PIP) install --quiet --require-hashes -r requirements-demo.lock
	$(INSTALL_PROJECT)
	@touch $@

$(VENV)/.dev: $(VENV)/.python requirements.lock pyproject.toml
	@echo "Installing the packages of requirements.lock into $(VENV) (one to three minutes)"
	$(PIP) install --quiet --require-hashes -r requirements.lock
	$(INSTALL_PROJECT)
	@touch $@

SUPPORTED := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
$(VENV)/.python:
	@found=; \
	for candidate in $(or $(PYTHON),python3.11 python3.12 python3.13 python3); do \
	    if "$$candidate" -c '$(SUPPORTED)' >/dev/null 2>&1; then found=$$candidate; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	    echo "esc_sim needs Python 3.11, 3.12 or 3.13 with venv; none found$(if $(PYTHON), as $(PYTHON))." >&2; \
	    echo "On Debian: sudo apt-get install python3 python3-venv. Or name one: make PYTHON=/path/to/python3.12 ..." >&2; \
	    exit 1; \
	fi; \
	echo "Making $(VENV) with $$("$$found" --version)"; \
	"$$found" -m venv --clear $(VENV)
	@touch $@

# Run after a change of the dependencies in pyproject.toml. Versions already locked are kept as long as they fit;
# `make lock UPGRADE=--upgrade` takes the newest of everything.
UPGRADE ?=
COMPILE = build/lock/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --no-emit-index-url --no-emit-find-links $(UPGRADE) pyproject.toml
LOCKED = app cluster excel rl sensitivity xarray dev build docs
lock: $(VENV)/.python
	$(BIN)/python -m venv build/lock
	build/lock/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@test ! -f requirements.lock || cp requirements.lock build/lock/all.txt
	$(COMPILE) $(LOCKED:%=--extra %) -o build/lock/all.txt
	$(COMPILE) --extra app --extra excel --extra test --extra build -c build/lock/all.txt -o build/lock/demo.txt
	@for name in all demo; do \
	    { echo "# Made by 'make lock' from pyproject.toml; do not edit. Install with: pip install --require-hashes -r FILE"; \
	      grep -v '^#' build/lock/$$name.txt; } > build/lock/$$name.lock; \
	done
	mv build/lock/all.lock requirements.lock
	mv build/lock/demo.lock requirements-demo.lock

clean:
	rm -rf $(VENV) .venv-3.* build dist docs/_build docs/reference/_generated .mypy_cache .ruff_cache .pytest_cache .hypothesis results/demo
