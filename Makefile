# `make demo` and `make test` set up all they need, on a fresh Debian 12+ or Ubuntu 24.04+.
SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c
.SILENT:

VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8000
SERVE ?= 1
# As many test processes as processors, each with a PostgreSQL of its own; more than 4 only crowd each other.
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); echo $$((n > 4 ? 4 : n)))
SUDO := $(shell [ "$$(id -u)" = 0 ] || command -v sudo || true)

# $(call apt,packages): install Debian packages, or say which ones are missing.
define apt
if command -v apt-get >/dev/null && { [ "$$(id -u)" = 0 ] || [ -n "$(SUDO)" ]; }; then
  echo "Installing $(1) ..."
  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1) >/dev/null 2>&1 \
    || { echo "apt-get could not install: $(1)"; exit 1; }
else
  echo "Please install: $(1)"; exit 1
fi
endef

.PHONY: help demo test lint bench clean
help:
	echo "make demo   load the Panjin demo region and serve it at http://127.0.0.1:$(PORT) (PORT=…, SERVE=0)"
	echo "make test   lint, types, import contracts and all tests (WORKERS=…)"
	echo "make bench  national benchmarks beside their peers (minutes)"
	echo "make clean  remove $(VENV) and build/"

$(BIN)/python:
	python=
	for each in python3 python3.14 python3.13 python3.12 python3.11; do
	  if "$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$each; break; fi
	done
	if [ -z "$$python" ]; then $(call apt,python3); python=python3; fi
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then $(call apt,python3-venv); fi
	rm -rf "$(VENV)"
	"$$python" -m venv "$(VENV)"

$(VENV)/.product: $(BIN)/python pyproject.toml
	echo "Installing gisgrid ..."
	$(BIN)/python -m pip install -q --disable-pip-version-check -e .
	touch $@

$(VENV)/.dev: $(VENV)/.product
	echo "Installing what the tests need ..."
	$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[dev]'
	touch $@

# What the tests use beside Python: GDAL's own reader and a real browser (Debian's, or else playwright's
# own, since Ubuntu's is a snap that needs a running snapd).
$(VENV)/.tools: $(VENV)/.dev
	missing=
	command -v ogrinfo >/dev/null || missing="$$missing gdal-bin"
	if [ "$$(uname)" = Linux ]; then
	  compgen -G "/usr/lib/*/libatomic.so.1" >/dev/null || missing="$$missing libatomic1"
	  [ -d /usr/share/fonts/opentype/noto ] || missing="$$missing fonts-noto-cjk"
	fi
	if ! command -v chromium google-chrome >/dev/null && grep -qs '^ID=debian' /etc/os-release; then
	  missing="$$missing chromium"
	fi
	if [ -n "$$missing" ]; then $(call apt,$$missing); fi
	command -v chromium google-chrome >/dev/null || $(BIN)/python -m playwright install --with-deps chromium
	touch $@

# PostgreSQL with PostGIS: Debian's and Ubuntu's own packages, or Homebrew's (untested).
$(VENV)/.postgis: $(BIN)/python
	if ! compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || ! compgen -G "/usr/share/postgresql/*/extension/postgis.control" >/dev/null; then
	  if [ "$$(uname)" = Darwin ]; then
	    command -v brew >/dev/null || { echo "Please install Homebrew, or PostgreSQL with PostGIS."; exit 1; }
	    brew list postgis >/dev/null 2>&1 || brew install postgresql postgis
	  else
	    $(call apt,postgresql postgresql-postgis)
	  fi
	fi
	touch $@

# The web client is built when gisgrid is installed; build it again when its source is newer.
$(VENV)/.client: $(VENV)/.product $(shell find api/web/src api/web/public api/web/*.json api/web/*.ts api/web/index.html -type f 2>/dev/null)
	if [ ! -f api/web/dist/index.html ] || [ -n "$$(find api/web/src api/web/public api/web/index.html api/web/package-lock.json -newer api/web/dist/index.html)" ]; then
	  echo "Building the web client ..."
	  rm -rf api/web/dist
	  $(BIN)/python -m pip install -q --disable-pip-version-check --force-reinstall --no-deps -e .
	fi
	touch $@

demo: $(VENV)/.client $(VENV)/.postgis
	exec $(BIN)/gisgrid demo --port "$(PORT)" $(if $(filter 0,$(SERVE)),--no-serve)

lint: $(VENV)/.dev
	$(BIN)/ruff check -q .
	$(BIN)/ruff format -q --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache | tail -3

test: lint $(VENV)/.tools $(VENV)/.client $(VENV)/.postgis
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

bench: $(VENV)/.dev
	$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[dev,bench]'
	$(BIN)/python -m tests.benchmarks

clean:
	rm -rf "$(VENV)" build
