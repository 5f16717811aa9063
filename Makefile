# Everything a person or a machine does with this checkout. `make help` lists the targets.
# Plain POSIX sh and GNU make 3.81 are enough. PYTHON=… picks another interpreter, ARGS=… passes
# arguments on: make run ARGS="--port 9000", make test ARGS="-k unique".

VENV := .venv
BIN := $(VENV)/bin
PEERS := $(VENV)/peers
WEB := platform/web
DOCS_UI := platform/taskloom/static/docs
WEB_APP := platform/taskloom/static/app
MEASURED := */taskloom/engine/*,*/taskloom/schema/*,*/taskloom/query/*

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench bench-peers bench-web soak acceptance wheel lock clean venv system packages browser

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile

setup: venv system ## install everything into .venv, and what the browser needs
	@$(MAKE) --no-print-directory packages
	@$(MAKE) --no-print-directory --silent browser || true

run: venv system ## start the server in the foreground, with the embedded MongoDB
	@$(MAKE) --no-print-directory packages
	@exec $(BIN)/taskloom serve $(ARGS)

test: check browser ## check, then run every test and hold the coverage (not of a part: ARGS)
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -n 2 $(ARGS)
	@$(BIN)/coverage combine -q
	@$(if $(ARGS),:,$(BIN)/coverage report --include='$(MEASURED)' --fail-under=95)

check: setup ## lint, format, types, layers
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(FIND_NODE); cd $(WEB) && npm run --silent check

bench: setup ## measure against bare pymongo, within ten minutes
	@$(BIN)/python -m bench $(ARGS)

bench-peers: setup $(PEERS)/.locked ## measure beside Eve
	@$(BIN)/python -m bench.peers $(PEERS)/bin/python

bench-web: setup browser ## measure the web app in Chromium
	@$(BIN)/python -m bench.web

soak: setup ## the tests that run for minutes
	@$(BIN)/pytest -m soak --timeout=0 -rP $(ARGS)

acceptance: setup browser ## a fresh clone, then a wheel: each from nothing to the first card moved
	@$(BIN)/python -m tests.acceptance $(ARGS)

wheel: setup ## build dist/*.whl, browser files included
	@rm -rf dist
	@$(BIN)/hatchling build -t wheel -d dist

lock: setup ## move every pinned version to the newest that fits pyproject.toml and package.json
	@lock() { out=$$1; shift; $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	  --generate-hashes --no-annotate --custom-compile-command 'make lock' -o requirements/$$out.txt "$$@"; }; \
	set -e; \
	lock dev pyproject.toml --extra embedded --group dev; \
	lock base pyproject.toml -c requirements/dev.txt; \
	lock build --group build -c requirements/dev.txt; \
	lock node --group node; \
	lock peers --group peers -c requirements/dev.txt
	@$(FIND_NODE); cd $(WEB) && npm update --package-lock-only --loglevel=error

clean: ## remove what was built and installed; data in .taskloom stay
	@rm -rf $(VENV) dist .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache \
	  .import_linter_cache .hypothesis $(WEB)/node_modules platform/taskloom/static
	@find bench platform tests -name __pycache__ -prune -exec rm -rf {} +

# --- how setup works -----------------------------------------------------------------------------

# apt_install PACKAGE…: install system packages where this user may, fail elsewhere.
define APT_INSTALL
apt_install() { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 && \
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$$@"; } >&2; }
endef

# A .venv that was moved, or whose Python went away, is made anew: its scripts name absolute paths.
venv:
	@if [ "$$(cat $(VENV)/.place 2>/dev/null)" = "$(CURDIR)" ] && $(BIN)/python -c '' 2>/dev/null; then exit 0; fi; \
	$(APT_INSTALL); \
	found=; \
	for candidate in $(or $(PYTHON),python3.13 python3.12 python3.11 python3 python); do \
	  "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  found=$${found:-$$candidate}; \
	  if "$$candidate" -c 'import ensurepip, venv' 2>/dev/null; then found=$$candidate; ready=yes; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo 'Taskloom needs Python 3.11 or newer, and none was found. Install one, or name it: make setup PYTHON=/path/to/python3' >&2; exit 1; fi; \
	if [ -z "$${ready:-}" ]; then \
	  package=$$("$$found" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
	  apt_install $$package || { \
	  echo "$$found cannot make virtual environments. On Debian and Ubuntu run: apt-get install $$package" >&2; exit 1; }; fi; \
	echo "Setting up $(VENV) with $$("$$found" --version)"; \
	rm -rf $(VENV) && "$$found" -m venv $(VENV) && printf '%s\n' "$(CURDIR)" > $(VENV)/.place

# The embedded mongod (Linux, x86-64) is linked to the system's libcurl4; nothing else is missing on a slim image.
system: venv
	@[ "$$(uname -s)-$$(uname -m)" = Linux-x86_64 ] || exit 0; \
	[ -z "$${TASKLOOM_MONGODB_URI:-}" ] || exit 0; \
	! command -v mongod >/dev/null 2>&1 || exit 0; \
	libcurl() { $(BIN)/python -c 'import ctypes; ctypes.CDLL("libcurl.so.4")' 2>/dev/null; }; \
	$(APT_INSTALL); \
	libcurl || { echo 'Installing libcurl4 for the embedded MongoDB' && apt_install libcurl4 && libcurl; } || { \
	echo 'The embedded MongoDB needs libcurl.so.4. On Debian and Ubuntu run: sudo apt-get update && sudo apt-get install -y --no-install-recommends libcurl4' >&2; \
	echo 'Or use a MongoDB of your own: put mongod on the PATH, or set TASKLOOM_MONGODB_URI.' >&2; exit 1; }

packages: $(VENV)/.editable $(DOCS_UI)/LICENSE $(WEB_APP)/index.html
	@:

$(VENV)/.locked: requirements/dev.txt
	@echo 'Installing the Python packages of $<'
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

# What others run on has no place among our own packages.
$(PEERS)/.locked: requirements/peers.txt | venv
	@echo 'Installing the Python packages of $<'
	@rm -rf $(PEERS) && $(BIN)/python -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

# The hashed lock covers the build tools too, so nothing is fetched for the build.
$(VENV)/.editable: $(VENV)/.locked pyproject.toml
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Puts Node.js 20 or newer with npm on the PATH: the system's, or else one installed as a Python package.
define FIND_NODE
if ! { command -v npm && node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)'; } >/dev/null 2>&1; then \
  [ -x $(BIN)/npm ] || { echo 'Installing Node.js into $(VENV)' && \
  $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements/node.txt; } || exit 1; \
  PATH="$(CURDIR)/$(BIN):$$PATH"; export PATH; fi
endef

$(WEB)/node_modules/.package-lock.json: $(WEB)/package-lock.json $(WEB)/.npmrc | $(VENV)/.locked
	@echo 'Installing the browser packages of $<'
	@$(FIND_NODE); cd $(WEB) && npm ci --loglevel=error
	@touch $@

# The page that shows the API, served by us: a browser asks no other host.
$(DOCS_UI)/LICENSE: $(WEB)/node_modules/.package-lock.json $(WEB)/package.json
	@$(FIND_NODE); cd $(WEB) && npm run --silent docs
	@touch $@

# Folders are among the sources: one that lost a file is newer than what was built with it.
WEB_SOURCES := $(shell find $(WEB)/src $(WEB)/public $(WEB)/build 2>/dev/null) \
  $(WEB)/index.html $(WEB)/vite.config.ts $(WEB)/postcss.config.js $(WEB)/tsconfig.json

$(WEB_APP)/index.html: $(WEB)/node_modules/.package-lock.json $(WEB)/package.json $(WEB_SOURCES)
	@echo 'Building the web app'
	@$(FIND_NODE); cd $(WEB) && npm run --silent app
	@touch $@

# Only tests need a browser: a chromium on the PATH, or Playwright's own.
browser: venv
	@chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome || \
	  $(BIN)/python -c 'from pathlib import Path; from playwright.sync_api import sync_playwright as p; \
	  exit(not Path(p().start().chromium.executable_path).exists())'; } >/dev/null 2>&1; \
	$(APT_INSTALL); \
	chromium || { echo 'Installing Chromium for the tests of the web app' && apt_install chromium && chromium; } || { \
	echo 'The tests of the web app need Chromium. On Debian and Ubuntu run: sudo apt-get install -y chromium' >&2; \
	echo 'Elsewhere run: $(BIN)/playwright install chromium' >&2; exit 1; }
