# Needs Python 3.11 or newer, its venv module, and make. Everything else goes into .venv, pinned and checked by hash.
# Every target may be repeated, interrupted or run beside another.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
BIN := .venv/bin

export CLOSERLOOK_DATA_DIR ?= $(CURDIR)/data
export CLOSERLOOK_PORT ?= 8000
export PYTHON ?=

OUR_PYTHON := src/closerlook tests $(wildcard scripts/*.py bench/*.py bench/*/*.py)
LOCK := uv pip compile pyproject.toml requirements/build.in --extra postgres --universal --generate-hashes \
	--no-header --no-annotate --quiet $(if $(UPGRADE),--upgrade)

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: set-up-run ## Start Closer Look with made-up patients at http://localhost:8000 (CLOSERLOOK_PORT=...)
	@$(BIN)/closerlook init
	@$(BIN)/closerlook demo --if-empty
	@exec $(BIN)/closerlook serve --port $(CLOSERLOOK_PORT)

.PHONY: test
test: set-up-dev ## Run every test, with a real browser, Lighthouse and a real PostgreSQL (ARGS="tests/letters -k arabic")
	@scripts/debian-packages
	@scripts/set-up-lighthouse
	@$(BIN)/python -m pytest -n 2 $(ARGS)

.PHONY: explore
explore: set-up-dev ## Walk the pathway at random, ten times further than the tests do (ARGS="-k suspicious")
	@HYPOTHESIS_PROFILE=explore $(BIN)/python -m pytest -n 2 tests/pathway tests/her_page/test_walks.py $(ARGS)

.PHONY: lint
lint: lint-style lint-types lint-layers lint-words lint-locks ## Check style, types, layers, words and pinned requirements

.PHONY: lint-style lint-types lint-layers lint-words lint-locks
lint-style: set-up-dev
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

# The Django plugin loads our settings, which refuse to start without a key; this one opens nothing.
lint-types: set-up-dev
	@CLOSERLOOK_SECRET_KEY=only-while-types-are-checked-it-opens-nothing-anywhere \
		$(BIN)/mypy --explicit-package-bases $(OUR_PYTHON)

lint-layers: set-up-dev
	@$(BIN)/lint-imports --no-logo

lint-words: set-up-dev
	@$(BIN)/python scripts/words.py --check

lint-locks: set-up-dev
	@$(BIN)/python scripts/check_locks.py

.PHONY: fix
fix: set-up-dev ## Put right what can be put right without thinking
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

.PHONY: words
words: set-up-dev ## Take up new words of pages and letters in every language (ARGS=--check writes nothing)
	@$(BIN)/python scripts/words.py $(ARGS)

.PHONY: bench
bench: set-up-dev ## Measure speed; the figures go to bench/results.json
	@$(BIN)/python -m bench $(ARGS)

.PHONY: soak
soak: set-up-dev ## Run a simulated feed with faults for a quarter of an hour, on both engines (SOAK_MINUTES=2 SOAK_WOMEN=50)
	@scripts/debian-packages
	@$(BIN)/python -m bench.soak $(ARGS)

.PHONY: pictures
pictures: set-up-dev ## Take the pictures of her page and of the desk anew; ARGS=--measure weighs her states instead
	@scripts/debian-packages
	@$(BIN)/python -m scripts.screenshots $(ARGS)
	@$(if $(ARGS),,$(BIN)/python -m scripts.desk_screenshots)

.PHONY: load
load: set-up-dev ## Fifty staff at work at once, against a server of its own (ARGS="--people 20 --seconds 30")
	@$(BIN)/python -m bench.load $(ARGS)

.PHONY: lock
lock: ## Pin requirements anew from pyproject.toml (UPGRADE=1 takes newer versions); needs uv
	@command -v uv >/dev/null || { echo "Locking needs uv:  pip install uv" >&2; exit 1; }
	@$(LOCK) --output-file requirements/run.txt
	@$(LOCK) --group dev --constraints requirements/run.txt --output-file requirements/dev.txt
	@uv pip compile requirements/audit.in --universal --generate-hashes --no-header --no-annotate --quiet \
		$(if $(UPGRADE),--upgrade) --output-file requirements/audit.txt

.PHONY: audit
audit: ## Ask whether a fault is known in any package we pin; needs a network, and says so where there is none (exit 3)
	@scripts/audit

.PHONY: clean
clean: ## Remove .venv and every cache; patients' records in data/ stay
	@rm -rf .venv tests/lighthouse/node_modules build src/*.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find $(wildcard src tests bench scripts) -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: set-up-run set-up-dev
set-up-run:
	@scripts/set-up run
set-up-dev:
	@scripts/set-up dev
