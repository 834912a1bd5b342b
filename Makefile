# Two commands for a newcomer: `make demo` and `make test`. Each installs what it needs, once.

PYTHON ?= python3
BIN := .venv/bin
SOURCES := config expressions routing engage answers follow bridge calls chat chats cobrowse changes sip webrtc switch media cti reports views visits leads notify store api server phones demo web bench tests

# Tests that run at once: most of their time they wait for phones to ring.
JOBS ?= 4

# The media engine of `make check-engine`.
ENGINE ?= rtpengine

# Where this is set, each of the hundreds of processes that tests start compiles all that it imports.
unexport PYTHONDONTWRITEBYTECODE

# What failed runs once more, alone. This file names each test that needed that; more than two fail the run.
SECOND_RUNS := var/second-runs.md

# What the example configs take from the environment.
LONG_SECRET := 0123456789abcdef0123456789abcdef
EXAMPLE_SECRETS := PBX_PASSWORD=x CARRIER_PASSWORD=x SMTP_PASSWORD=x TURN_SECRET=x AMI_SECRET=x \
	RINGBACK_ADMIN_KEY=$(LONG_SECRET) LIGHTSTEP_SIGNING_SECRET=$(LONG_SECRET) COOLWAY_SIGNING_SECRET=$(LONG_SECRET) \
	OUTDOOR_SIGNING_SECRET=$(LONG_SECRET) \
	WEBHOOK_SECRET=whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=

.PHONY: demo test test-web test-python check-engine quick check try-wheel wheel docs format lint lock clean install web

# The synthetic voice.
SPEECH := espeak-ng:espeak-ng

demo: install web
	@scripts/system-packages $(SPEECH)
	@$(BIN)/ringback demo $(DEMO)

test: test-web test-python

test-web: web
	@echo "Testing the web pages"
	@cd web && npm test --silent

test-python: .venv/dev.stamp web packages-for-tests
	@echo "Testing Ringback: real phones, a real browser, a real Asterisk (installed once, outside this folder)"
	@$(BIN)/python -m tests.plumbing.twice --jobs $(JOBS) --report $(SECOND_RUNS) $(TESTS)

# All scenarios, and all tests of SIP and media engines, on another engine than the default one: rtpengine. A quarter of
# an hour. `make check` runs a part of them.
check-engine: .venv/dev.stamp web packages-for-tests
	@TEST_ENGINE=$(ENGINE) $(BIN)/python -m tests.plumbing.twice --jobs $(JOBS) --report $(SECOND_RUNS) $(or $(TESTS),tests/scenarios tests/sip tests/switch)

# The developer's loop: the linter, and the tests that only think (tests/plumbing/quick.py). In a minute, without
# root or a Debian package.
quick: .venv/dev.stamp
	@$(BIN)/ruff check --quiet $(SOURCES)
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m pytest -p tests.plumbing.quick --numprocesses 2 --quiet $(TESTS)

# Everything that CI runs. What needs no phones runs two at a time, the longest first.
check: .venv/dev.stamp web packages-for-tests
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target try-wheel check-types test-web check-web check-examples check-code
	@$(MAKE) --no-print-directory test-python

# Install the wheel as its users do, and use it.
try-wheel: .venv/dev.stamp web
	@echo "Building the wheel, and using it from an empty environment"
	@PYTHON="$(CURDIR)/$(BIN)/python" $(BIN)/python scripts/try_wheel.py

wheel: .venv/dev.stamp web
	@PYTHON=$(BIN)/python scripts/build-wheel dist
	@ls dist/ringback-*.whl

lint: check-code check-types check-web check-examples

.PHONY: check-code check-types check-web check-examples
check-code: .venv/dev.stamp
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/lint-imports

check-types: .venv/dev.stamp web
	@$(BIN)/mypy

check-web: web
	@cd web && npm run --silent check

check-examples: .venv/dev.stamp
	@$(EXAMPLE_SECRETS) $(BIN)/python scripts/check_examples.py $$(ls config/examples/*.yaml | grep -v tests.yaml)

format: .venv/dev.stamp
	@$(BIN)/ruff format $(SOURCES)
	@$(BIN)/ruff check --fix $(SOURCES)

# What is written from tables: the settings, the messages, the life of a call, the pages' types.
docs: .venv/dev.stamp
	@for table in config.reference bridge.reference api.reference; do $(BIN)/python -m $$table || exit; done

install: .venv/run.stamp
web: web/dist/.stamp

.PHONY: packages-for-tests packages-for-venv packages-for-web
packages-for-tests:
	@scripts/system-packages $(SPEECH) sip-tester:sipp libsofia-sip-ua0:libsofia-sip-ua.so.0 rtpengine-daemon:rtpengine debootstrap:debootstrap chromium:chromium firefox-esr:firefox-esr webkit2gtk-driver:WebKitWebDriver xvfb:Xvfb coturn:turnserver wireshark-common:dumpcap libjs-prototype:/usr/share/javascript/prototype libjs-mootools:/usr/share/javascript/mootools postgresql-15:/usr/lib/postgresql/15/bin/postgres

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Ringback needs Python 3.11 or newer; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else 0'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || scripts/system-packages python3-venv:python3-venv-is-missing
	@echo "Making .venv"
	@$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing Python packages"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/run.stamp
	@echo "Installing Python packages for the tests"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

web/node_modules/.stamp: web/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing. Please install Node.js 20 with npm, and run make again." >&2; exit 1; }
	@echo "Installing npm packages"
	@cd web && npm ci --silent --no-audit --no-fund
	@touch $@

web/dist/.stamp: web/node_modules/.stamp $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -type f -print)
	@echo "Building the web pages"
	@cd web && npm run --silent build
	@touch $@

# Pin every Python package again, with hashes. Names no index: pip asks the one that it is set up for.
lock: .venv/dev.stamp
	@$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --allow-unsafe --extra postgresql -o requirements.lock pyproject.toml
	@$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --allow-unsafe --extra dev -o requirements-dev.lock pyproject.toml

clean:
	rm -rf .venv web/node_modules web/dist var build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
