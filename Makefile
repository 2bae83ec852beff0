# Two commands: `make demo` brings the page up, `make test` checks everything. Both make .venv when it is missing or out of date.
PYTHON ?= python3
PORT ?= 7860
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: demo test lint browser results benchmark clean

demo: $(VENV)/app-installed
	PORT=$(PORT) $(PY) app.py

# The renderer's tests run in a process of their own: Mitsuba crashes where USearch was imported before it.
test: lint browser
	OMP_NUM_THREADS=2 $(PY) -m pytest tests/still_life
	OMP_NUM_THREADS=2 $(PY) -m pytest --ignore tests/still_life

lint: $(VENV)/dev-installed
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

# The page is tested in a real Chromium: Debian's, installed here when it is missing and we may.
browser:
	@command -v chromium >/dev/null || (echo "Installing Debian's chromium for the page tests" && \
	  SUDO=$$(test "$$(id -u)" = 0 || echo sudo) && $$SUDO apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive $$SUDO apt-get install -y -qq --no-install-recommends chromium fonts-liberation >/dev/null)

results: $(VENV)/app-installed
	$(PY) -m mrl_demo evaluate --readme README.md
	$(PY) -m mrl_demo probes

benchmark: $(VENV)/dev-installed browser
	$(PY) -m benchmarks.page.measure
	$(PY) benchmarks/start_up.py
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(PY) benchmarks/nested_scan.py

# Not .work: there lie hours of rendering and training.
clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/app-installed: requirements.txt | $(VENV)/bin/python
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/dev-installed: requirements.txt requirements-dev.txt | $(VENV)/bin/python
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/app-installed
