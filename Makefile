# Two commands matter: `make run` and `make test`. Each sets up what it needs, once: the files .venv/.made, .core and
# .dev are stamps, and only a change of the requirements makes them stale.

SHELL := /bin/sh
.DEFAULT_GOAL := help

VENV ?= .venv
PY := $(VENV)/bin/python
# Compiling every module of every package would double the time to the first answer; what is imported is compiled then.
PIP := $(PY) -m pip install --no-compile --quiet --disable-pip-version-check

# A setting may stand in the environment or in .env; the environment wins, as it does for the program.
setting = $(or $($(1)),$(shell sed -n 's/^[[:space:]]*$(1)[[:space:]]*=[[:space:]]*//p' .env 2>/dev/null | tail -n 1 | tr -d "\"'"))
DATA := $(patsubst ~/%,$(HOME)/%,$(or $(call setting,DATA_DIR),data))
PICTURES := $(call setting,IMAGES_DIR)

# ENGINE=0 leaves SmolVLM's engine alone; otherwise it is built beside the running server, at the lowest priority.
ENGINE ?= 1
# For example: make test PYTEST_ARGS="tests/core -x"
PYTEST_ARGS ?=
BENCHES ?= $(filter-out bare_stream bucket_stub crowded_city random_smolvlm report serving stub_server,$(patsubst bench/%.py,%,$(wildcard bench/*.py)))

.PHONY: help run test lint format setup setup-dev sample docs bench clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: setup sample ## Set up what is missing and serve http://127.0.0.1:5000
	@if [ "$(ENGINE)" != 0 ]; then $(PY) -m analyzer.models.engine_install --data-dir "$(DATA)" & fi; exec $(PY) flask_app.py

test: setup-dev ## Set up what is missing and run all tests
	@$(PY) -m pytest $(PYTEST_ARGS)

lint: setup-dev ## Check style and types, change nothing
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy

format: setup-dev ## Put the code into the house's form
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

setup: $(VENV)/.core ## Install what the program needs into .venv

setup-dev: $(VENV)/.dev

# Drawn once and then left alone: answers rest on these pictures. The truth is written last, so it stands for them all.
sample: setup ## Draw the sample city, unless IMAGES_DIR names other pictures
	@if [ -z "$(PICTURES)" ] && [ ! -f "$(DATA)/sample/truth.csv" ]; then \
	  echo "Drawing the sample city into $(DATA)/sample ..."; \
	  $(PY) -m examples.sample_city "$(DATA)/sample" --now "$$(date +%Y-%m-%dT%H:%M:%S)"; \
	fi

docs: setup-dev ## Write the generated pages (.env.example, docs/ref/) anew
	@$(PY) -m config --write

bench: setup-dev ## Run the benches; BENCHES="accuracy pool" chooses
	@for bench in $(BENCHES); do echo "== $$bench"; $(PY) -m bench.$$bench || exit 1; done

clean: ## Remove what was set up and cached; run-time data stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.core: requirements-core.txt | $(VENV)/.made
	@echo "Installing what Sightline needs into $(VENV) (once) ..."
	@$(PIP) -r requirements-core.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt requirements-core.txt | $(VENV)/.made
	@echo "Installing what the tests need into $(VENV) (once) ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@ $(VENV)/.core

# The first Python that is new enough; PYTHON=/path/to/python chooses another. Debian ships venv as a package of its own,
# and without it `python -m venv` leaves a broken folder behind, so it is asked for first. A half-made .venv has no stamp
# and is made again.
$(VENV)/.made:
	@for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Sightline needs Python 3.11 or newer, and $(or $(PYTHON),python3) is not ($$($(or $(PYTHON),python3) --version 2>&1 | tail -n 1))." >&2; \
	  echo "On Debian 12, Ubuntu 24.04 or newer: sudo apt-get install python3 python3-venv" >&2; \
	  echo "On Ubuntu 22.04:                     sudo apt-get install python3.11 python3.11-venv" >&2; \
	  exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "$$python is here, but not its venv module. On Debian or Ubuntu:" >&2; \
	  "$$python" -c 'import sys; print("  sudo apt-get install python%d.%d-venv" % sys.version_info[:2])' >&2; \
	  exit 1; \
	fi; \
	"$$python" -m venv $(VENV)
	@touch $@
