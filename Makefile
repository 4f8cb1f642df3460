# One command each: `make run` for a living portal, `make test` for the proof.
# PORT=9000 make run     another port (HOST=0.0.0.0 for phones in the same network)
# make test ARGS="-k queue"     a part of the suite
# make test-browser     what only a browser can tell
# PYTHON=/path/to/python3 make run     another interpreter (3.11 or newer)

VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed
DEV := $(VENV)/.installed-dev
PYTHON ?=
ARGS ?=
# One worker more than there are cores: the tests that start, kill and restart the site wait much.
# More than four starve the browser, which gets a core for each.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

# PORT and HOST reach the server through the environment, given either way round.
export PORT HOST

.PHONY: run test test-browser coverage bench load storm lint format lock clean
.DEFAULT_GOAL := run

# `exec` makes the command make's own child, so SIGTERM to make reaches it directly.
run: $(STAMP)
	@exec $(PY) manage.py quickstart --end-with-parent

XDIST = -n $(WORKERS) --maxprocesses 4 --dist loadgroup
PYTEST = YUANHANG_ENV=test exec $(PY) -m pytest $(XDIST)

test: $(DEV)
	@$(PYTEST) -m "not browser" $(ARGS)

test-browser: WORKERS = logical
test-browser: $(DEV)
	@$(PYTEST) -m browser $(ARGS)

# `make test` measured, test workers and other processes too, and held to the floor (fail_under).
coverage: $(DEV)
	@rm -rf var/coverage
	@YUANHANG_ENV=test $(PY) -m coverage run -m pytest $(XDIST) -m "not browser" $(ARGS)
	@$(PY) -m coverage combine --quiet
	@$(PY) -m coverage report

# Every page of a city of 1,000 and of 1,000,000 cases beside a bare page; figures to read.
SIZES ?= 1000 1000000
bench: $(DEV)
	@exec $(PY) -m tests.bench $(SIZES)

# A town at work for five minutes on the shipped server, counted afterwards (LOAD_SECONDS=60 make load).
LOAD_SECONDS ?= 300
load: $(DEV)
	@exec $(PY) -m tests.bench.load $(LOAD_SECONDS)

# The site's processes killed while people report, and what is left counted (KILLS=50 make storm).
KILLS ?= 500
storm: $(STAMP)
	@KILLS=$(KILLS) YUANHANG_ENV=test exec $(PY) -m pytest tests/storm/test_storm.py -s $(ARGS)

# Templates and scripts are indented and style sheets laid out by tools, never by hand.
TEMPLATES = $$(git ls-files '*.html')
SCRIPTS = $$(git ls-files '*.js')
SHEETS = $$(git ls-files '*.css')
DJHTML := --tabwidth 2
DJADE := --target-version 5.2
CSS_BEAUTIFY := --indent-size 2 --end-with-newline

lint: $(DEV)
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy --no-error-summary
	@$(VENV)/bin/djade $(DJADE) --check $(TEMPLATES)
	@$(VENV)/bin/djhtml $(DJHTML) --check $(TEMPLATES)
	@$(VENV)/bin/djjs $(DJHTML) --check $(SCRIPTS)
	@for file in $(SHEETS); do \
		$(VENV)/bin/css-beautify $(CSS_BEAUTIFY) "$$file" | cmp -s - "$$file" \
			|| { echo "$$file: run make format" >&2; bad=1; }; \
	done; test -z "$$bad"

format: $(DEV)
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .
	@$(VENV)/bin/djade $(DJADE) $(TEMPLATES) || true
	@$(VENV)/bin/djhtml $(DJHTML) $(TEMPLATES)
	@$(VENV)/bin/djjs $(DJHTML) $(SCRIPTS)
	@for file in $(SHEETS); do $(VENV)/bin/css-beautify $(CSS_BEAUTIFY) --replace "$$file" >/dev/null; done

# Rewrites the lock files from pyproject.toml: what runs, and that with what works on it. Needs uv
# and a package index; nothing of the index's address goes into them, so they install from any
# mirror.
UV_COMPILE = uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --quiet
lock:
	@$(UV_COMPILE) --output-file requirements.lock
	@$(UV_COMPILE) --extra dev --constraints requirements.lock --output-file requirements-dev.lock

# Removes the installed packages only; data under var/ is never touched.
clean:
	@rm -rf $(VENV)

# The lock is complete and hashed, so there is nothing to resolve. To bring pip into $(VENV) takes
# seconds, so the pip outside installs where it can (from 23 on). It compiles on one core; we do on
# all of them, and bear with files that are templates of Python and no more.
INSTALL = if $(PY) -c 'import pip' 2>/dev/null; then pip="$(PY) -m pip"; else \
	pip="$$($(PY) -c 'import sys; print(sys._base_executable)') -m pip --python $(PY)"; fi; \
	$$pip install --quiet --disable-pip-version-check --no-deps --no-compile --require-hashes
COMPILE = $(PY) -m compileall -qq -j 0 $(VENV)/lib || true

# The stamp is written last: an installation that broke off is done again, a complete one
# is never looked at again, so that later runs need no network.
$(STAMP): requirements.lock
	@set -e; \
	python=; \
	for candidate in $${PYTHON:-python3.13 python3.12 python3.11 python3}; do \
		if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
			>/dev/null 2>&1; then python="$$candidate"; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Python 3.11 or newer with its venv module is needed (Debian: apt-get install python3-venv; or PYTHON=/path/to/python3 make run)." >&2; \
		exit 1; \
	fi; \
	if ! $(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
		echo "Making $(VENV) with $$($$python --version) ..."; \
		"$$python" -c 'import pip, sys; sys.exit(int(pip.__version__.split(".")[0]) < 23)' \
			>/dev/null 2>&1 && without=--without-pip || without=; \
		"$$python" -m venv --clear $$without $(VENV); \
	fi; \
	echo "Installing the pinned packages (once; later runs need no network) ..."; \
	$(INSTALL) -r requirements.lock; \
	$(COMPILE); \
	touch $(STAMP)

# What only work on the product needs, beside what runs it.
$(DEV): $(STAMP) requirements-dev.lock
	@echo "Installing the tools of development ..."
	@$(INSTALL) -r requirements-dev.lock
	@$(COMPILE)
	@touch $(DEV)
