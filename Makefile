# Every target makes its own set-up first: `make demo` and `make test` work on a fresh clone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The pip that comes with Python 3.11 cannot resolve this set (docs/libraries.md); this one was used for the lock.
PIP_VERSION := 26.3

.PHONY: help install browser demo test lint format bench lock clean

help:
	@echo "make install   .venv with everything, exact versions from requirements.lock"
	@echo "make demo      start the replica of the portals, crawl it, show what was found"
	@echo "make test      run the tests (offline)"
	@echo "make lint      ruff and mypy"
	@echo "make bench     run the benchmarks (minutes)"
	@echo "make lock      resolve requirements.lock again from pyproject.toml"

install: $(VENV)/.installed

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Gongkai needs Python 3.11 or newer; say which with: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "This Python cannot make virtual environments; on Debian: apt-get install python3-venv" >&2; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip==$(PIP_VERSION)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

browser: install
	@$(BIN)/python -m crawler.browser --install || true

demo: install
	$(BIN)/gongkai demo

test: install browser
	$(BIN)/pytest

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install
	$(BIN)/python -m benchmarks

lock: install
	$(BIN)/pip-compile --quiet --all-extras --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url \
		--no-emit-find-links --no-emit-trusted-host --no-emit-options --no-header --no-annotate \
		--output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build *.egg-info
