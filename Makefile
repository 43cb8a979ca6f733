# make demo   the inspector on a bundled graph        make test        everything that CI checks
# Both set themselves up in .venv, with nothing installed before but Python 3.11 or newer, make and git.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
WORKERS ?= 4 # tests wait for screens more than they compute: more workers than cores
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Where the environment forbids bytecode, every process of a test and every start would compile the package again (2 s).
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types unit bench screenshots clean

help:
	@sed -n 's/^# //p' Makefile

$(RUNTIME): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "The inspector needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	@echo "Setting up $(VENV), once ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --quiet --upgrade "pip>=25.1"
	@$(PIP) install --quiet --constraint constraints.txt --editable .
	@touch $(RUNTIME)

$(DEV): $(RUNTIME)
	@$(PIP) install --quiet --constraint constraints.txt --group dev
	@touch $(DEV)

demo: $(RUNTIME)
	@$(BIN)/inspector demo $(ARGS)

test: check unit

check: lint types

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(DEV)
	$(BIN)/mypy

unit: $(DEV)
	$(BIN)/pytest -n $(WORKERS) --dist worksteal $(ARGS)

bench: $(DEV)
	$(BIN)/python -m benchmarks $(ARGS)

screenshots: $(DEV)
	$(BIN)/python -m screenshots.make $(ARGS)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist *.egg-info
