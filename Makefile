# Everything that a person or CI does with this repository. `make help` lists it.
PYTHON ?= python3
# TORCH=cpu installs the CPU build of torch: 200 MB instead of 3 GB, for machines without an
# NVIDIA card. Give it once, with the first make: make run TORCH=cpu
TORCH ?= default
TORCH_VERSION := $(shell sed -n 's/^torch==//p' constraints.txt)
TORCH_CPU_INDEX := https://download.pytorch.org/whl/cpu

BEAM_VERSION := $(shell sed -n 's/^apache-beam==//p' constraints.txt)

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
OUTPUT ?= tables

.PHONY: run test check bench prism docs clean help
.DEFAULT_GOAL := help

run: .venv/.naba  ## read the sample wires of examples/ into tables/ and show them
	$(BIN)/naba run examples/feeds.toml examples/wires --output $(OUTPUT)
	@echo
	$(BIN)/naba show $(OUTPUT)

test: .venv/.tests  ## run the tests
	$(BIN)/pytest

check: .venv/.checks  ## ruff and mypy, as CI runs them
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: .venv/.benchmarks  ## run the benchmarks; NABA_SHARED names the folder of corpora
	$(BIN)/python -m benchmarks

prism: .cache/prism-$(BEAM_VERSION)  ## build Beam's Prism, on which the tests then run too (needs Go)

docs: .venv/.naba  ## generate docs/tables.md, the reject reasons in docs/operations.md, and the SQL of the tables
	$(BIN)/python -m schemas.tables > docs/tables.md
	$(BIN)/python -m schemas.views > schemas/views/0_tables.sql
	sed -i.bak '/^| reason | what is wrong/,$$d' docs/operations.md && rm docs/operations.md.bak
	$(BIN)/python -m schemas.reasons >> docs/operations.md

clean:  ## remove what make has made
	rm -rf .venv .cache build dist *.egg-info

help:  ## list what make can do
	@sed -n 's/^\([a-z]*\):.*## /\1 \t/p' Makefile

.cache/prism-$(BEAM_VERSION):
	GOBIN=$(CURDIR)/.cache go install github.com/apache/beam/sdks/v2/go/cmd/prism@v$(BEAM_VERSION)
	@touch $@

# Set-up: each stamp is remade when the pins or the metadata change, and only then.
.venv/.naba: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip>=25.1" "setuptools>=77"
ifeq ($(TORCH),cpu)
	$(BIN)/python -m pip install --quiet torch==$(TORCH_VERSION) --index-url $(TORCH_CPU_INDEX)
endif
	$(PIP) --editable .
	@touch $@

.venv/.tests: .venv/.naba
	$(PIP) --group test
	@touch $@

.venv/.checks: .venv/.tests
	$(PIP) --group check
	@touch $@

.venv/.benchmarks: .venv/.naba
	$(PIP) --group bench
	@touch $@
