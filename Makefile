# Everything happens inside this folder: the environment in .venv, downloads and tables in data/, results in results/.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SPACE ?= nb201
STORES ?= $(filter-out %-images.h5 results/shipped/flexibert%,$(wildcard results/shipped/*.h5))
PUBLISHED ?= ../shared/reference
IMAGES ?= $(firstword $(wildcard ../shared/data/images/cifar10_sample.npz) auto)
export ZC_BENCH_DATA ?= data

# SAMPLES=100 becomes --samples 100; TASKS="cifar10 cifar100" becomes --task cifar10 --task cifar100.
SIZES = $(if $(SAMPLES),--samples $(SAMPLES)) $(if $(SEEDS),--seeds $(SEEDS)) $(if $(BUDGET),--budget $(BUDGET)) \
        $(if $(WORKERS),--workers $(WORKERS)) $(ARGS)
OPTIONS = $(SIZES) $(if $(PROXIES),--proxies $(PROXIES)) $(foreach task,$(TASKS),--task $(task))
FIGURES := figure4 figure17 figure18 table1 table2 table3 table4 table5 table6 figure5a figure5b figure6 figure7 figure8 figure9 figure10 figure11 figure15

.PHONY: leaderboard help setup correlate figure4 figures test test-all check bench parity statements docs clean

help: ## show this help
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: $(READY) ## make .venv with all that the project needs

$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV), once; torch is large, so this takes minutes on a slow connection ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $(READY)

correlate: $(READY) ## correlate proxies with real accuracies: make correlate SPACE=nb201 [SAMPLES= SEEDS= BUDGET= PROXIES= TASKS= ARGS=]
	@$(BIN)/zc-bench correlate --space $(SPACE) $(OPTIONS)

figure4: $(READY) ## the paper's figure 4: make figure4 [SAMPLES= SEEDS= BUDGET= WORKERS= ARGS=]
	@$(BIN)/zc-bench reproduce figure4 $(SIZES)

figures: $(READY) ## every figure and table of the paper, with the same options
	@for name in $(FIGURES); do $(BIN)/zc-bench reproduce $$name $(SIZES) || exit; done

test: check ## lint, types, import layers and the quick tests
	@$(BIN)/python -m pytest -q -n auto -m 'not slow'

test-all: check ## the same with the slow tests
	@$(BIN)/python -m pytest -q -n auto

check: $(READY) ## lint, types and import layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo "Some files are not formatted: run $(BIN)/ruff format ."; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

leaderboard: $(READY) ## a page with all proxies of the shipped stores, and of submissions/, with their audits
	@$(BIN)/zc-bench leaderboard $(foreach store,$(wildcard results/shipped/*.h5 submissions/*.h5),--store $(store)) --out results/leaderboard.html $(ARGS)

bench: $(READY) ## time a trial: per pass, per proxy, in multiples of a forward pass
	@$(BIN)/python benchmarks/speed/suite.py

parity: $(READY) ## compare our scores with published ones: make parity [PUBLISHED=folder IMAGES=file.npz]
	@$(BIN)/python benchmarks/parity.py --published $(PUBLISHED) --images $(IMAGES)

statements: $(READY) ## which statements of the paper hold: make statements [STORES="one per space"]
	@$(BIN)/python benchmarks/statements.py $(STORES)

docs: $(READY) ## build the documentation into site/, strictly
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo "Open site/index.html; to search in it, serve it: python3 -m http.server --directory site"

clean: ## remove the environment and caches; data/ and results/ stay
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info
	@find zc_bench tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
