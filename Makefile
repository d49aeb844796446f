# `make` alone lists what can be made. Needs python3 (3.11 or later) and nothing else.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Two runs, for a browser driven from a test keeps its event loop open; 5 is pytest's word for no test at all. The second
# reads tests/browser alone: to read all nine thousand tests costs each of its processes more than most tests take.
PYTEST = $(BIN)/python -m pytest --dist worksteal -q
IN_BROWSER = -n 2 -m browser -o testpaths=tests/browser
COMPILE = $(BIN)/uv pip compile pyproject.toml requirements/build.in --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command "make requirements" $(UPGRADE)

.PHONY: help
help: ## say what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name what; do \
		printf '  make %-14s %s\n' "$$name" "$$what"; done

.PHONY: install
install: .venv/ready ## what the program needs, in .venv

.PHONY: run
run: .venv/ready ## start the demo: no account, no settings; prints one address
	@$(BIN)/ingang run --demo

.PHONY: test
test: test-plain test-browser ## run every test (-j2: those in a browser beside the others)

.PHONY: test-plain test-browser
test-plain: .venv/ready-dev
	@$(PYTEST) -n 3 -m "not browser" $(ARGS) || [ $$? -eq 5 ]
test-browser: .venv/ready-dev
	@env -u INGANG_TEST_NOW $(PYTEST) $(IN_BROWSER) $(ARGS) || [ $$? -eq 5 ]

.PHONY: faults
faults: .venv/ready-dev ## kill it, cut it off, lose its answers, write nonsense, as often as a release asks (an hour)
	@INGANG_FAULTS=full $(BIN)/python -m pytest -q tests/faults $(ARGS)
	@INGANG_FAULTS=full $(PYTEST) -n 2 -m "hypothesis or every_word" $(ARGS)

.PHONY: check
check: .venv/ready-dev ## layout, faults, types, who imports whom, dependencies, migrations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/deptry .
	$(BIN)/deptry tests benchmarks --exclude nothing --ignore DEP002,DEP004
	$(BIN)/python -m storage.check_migrations

.PHONY: screenshots
screenshots: .venv/ready-dev ## docs/images anew, from the running demo
	@$(BIN)/python -m tests.browser.screenshots

.PHONY: requirements
requirements: .venv/ready-dev ## pin the dependencies anew (UPGRADE=--upgrade: to what is newest)
	$(COMPILE) -o requirements/run.txt
	$(COMPILE) --group dev --extra postgres -c requirements/run.txt -o requirements/dev.txt

# One stamp for each of the two sets, so that a second `make run` starts at once.

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("ingang: python3 is %d.%d (make): 3.11 or later is needed; name another with PYTHON=python3.12" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	@echo "Making .venv ..."
	@$(PYTHON) -m venv .venv

.venv/ready: requirements/run.txt pyproject.toml | .venv/bin/python
	@echo "Installing what the program needs (once, about a minute) ..."
	@$(PIP_INSTALL) --require-hashes -r requirements/run.txt
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/ready-dev: requirements/dev.txt .venv/ready
	@echo "Installing what the tests need (once) ..."
	@$(PIP_INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@
