# The project's only entry points. Each target prepares .venv first; when nothing changed that takes a hundredth of a second.
# Pass options on with ARGS: make test ARGS="-k promise -x". Tests run in three processes, each with servers of its own, since
# they often wait; in one they run with ARGS="-n 0".
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
ARGS ?=
# Compiled once, out of sight: the command line and the servers' helpers start a second faster, and tests start many.
export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/bytecode
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help

.PHONY: help
help: ## List these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 26

.PHONY: demo
demo: ready ## Watch complaints live their whole lives in seconds, on a real Temporal server and PostgreSQL
	@$(BIN)/redress demo $(ARGS)

.PHONY: up
up: ready ## Run everything in the foreground until Ctrl-C: PostgreSQL, Temporal with its UI, the worker, the API
	@$(BIN)/redress up $(ARGS)

.PHONY: test
test: setup ## Run the tests against real servers
	@$(BIN)/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(ARGS)

.PHONY: rows
rows: setup ## Live the story of every row of the source material, and list which rows have one that passes
	@$(BIN)/python -m tests.rows $(ARGS)

.PHONY: check
check: setup ## Check format, lint, types, layers, lock files and known vulnerabilities; changes nothing
	@$(BIN)/ruff format --check --quiet --output-format concise . || { echo "check: make format puts these in form" >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@tools/check-addresses
	@tools/check-locks
	@tools/audit-dependencies

.PHONY: format
format: setup ## Rewrite the sources in the project's format, and mend what lint can mend
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix-only --quiet .

.PHONY: bench
bench: setup ## Measure throughput, CPU and history size against the bare floor
	@$(BIN)/python -m bench $(ARGS)

.PHONY: record-histories
record-histories: setup ## Record the complaints that every later release must replay, see tests/replay/record.py
	@$(BIN)/python -m tests.replay.record

.PHONY: lock
lock: setup ## Pin pyproject.toml's dependencies by hash in requirements/ (ARGS=--upgrade: the newest)
	@tools/lock $(ARGS)

.PHONY: setup
setup: ## Prepare .venv with everything; the other targets do this by themselves
	@sh tools/setup dev

# What only runs the product doesn't wait for the tools that test it.
.PHONY: ready
ready:
	@sh tools/setup run

.PHONY: clean
clean: ## Remove .venv, the embedded servers' data (.redress) and all caches
	@rm -rf .venv .redress build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
