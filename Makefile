# What people type. `make` alone lists the targets.
# Needs Python 3.11 or newer, git and make; everything else goes into .venv.

VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/ready
TESTED := $(VENV)/ready-tests
PYTHONS = $(or $(PYTHON),python3 python3.13 python3.12 python3.11)

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo tour test check format coverage clean
.DELETE_ON_ERROR:

help: ## list the targets
	@echo "make TARGET, where TARGET is one of"
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  %-9s %s\n", $$1, $$2}' Makefile
	@echo "The first run creates .venv (PYTHON=python3.12 chooses the Python);"
	@echo "demo, test, check and coverage also install torch and transformers into it."

demo: $(TESTED) ## run the closed loop on made rooms, with a tiny model trained from nothing
	@$(BIN)/python -m recipes.evolve recipes/configs/demo.yaml

tour: $(READY) ## film 12 made rooms, ask questions about them, verify every answer; needs no torch
	@echo "--- spatialgen synth: 12 furnished and filmed rooms, as ScanNet scans"
	@$(BIN)/spatialgen synth --out demo/scenes --rooms 12 --seed 0
	@echo "--- spatialgen propose: questions, each answered by running a program"
	@$(BIN)/spatialgen propose --scenes demo/scenes --out demo/dataset
	@echo "--- spatialgen verify: every stored program once more"
	@$(BIN)/spatialgen verify demo/dataset
	@$(BIN)/spatialgen inspect demo/scenes/room0_00000 --html demo/room.html > demo/room.txt
	@echo "The questions are in demo/dataset/questions.jsonl, one JSON object per line;"
	@echo "rejected.jsonl beside it holds what was not asked and why, manifest.json how it was made."
	@echo "Look around in one of the rooms: open demo/room.html in a browser."

test: $(TESTED) ## run the tests
	@$(BIN)/python -m pytest

check: $(TESTED) ## style, types, import layers, then the tests: what has to pass
	@echo "--- ruff"
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@echo "--- mypy --strict"
	@$(BIN)/mypy
	@echo "--- import-linter"
	@$(BIN)/lint-imports --no-logo
	@echo "--- pytest"
	@$(BIN)/python -m pytest

format: $(READY) ## put the code into the style that `make check` expects
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

coverage: $(TESTED) ## run the tests and list the lines that none of them reached
	@$(BIN)/coverage run -m pytest
	@$(BIN)/coverage report

clean: ## remove the environment, the demo and what the tools left behind
	rm -rf $(VENV) demo build dist *.egg-info .coverage .coverage.*
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment is made once, and brought up to date when one of these files changes: first
# what the demo and the style need, and on top of that the models that the tests run.
# setuptools goes in first, because building without isolation pins the builder as well and
# needs no network once everything is there.
INSTALL = $(BIN)/python -m pip install --quiet --no-input --constraint constraints.txt
LIGHT  = dev,eval,mesh,audit,publish
FAILED = { echo "make: pip could not install (the first run needs a network); run make again" >&2; \
  exit 1; }

$(READY): setup.cfg pyproject.toml constraints.txt spatialgen/__init__.py
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { $(FIND_PYTHON) && $(CREATE_VENV); }
	@echo "installing spatialgen and its tools into $(VENV) (about a minute, once)"
	@{ $(INSTALL) setuptools && $(INSTALL) --no-build-isolation --editable ".[$(LIGHT)]"; } || $(FAILED)
	@touch $@

# torch goes in before what needs it, so that nothing else chooses its build: where pip finds
# one without CUDA, that one stays.
$(TESTED): $(READY)
	@echo "installing torch and transformers for the tests (some minutes, once; see CONTRIBUTING.md)"
	@{ $(INSTALL) torch && $(INSTALL) torchvision && \
	  $(INSTALL) --no-build-isolation --editable ".[$(LIGHT),train,serving]"; } || $(FAILED)
	@touch $@

# Sets $python to the first of PYTHONS that is new enough and can make environments.
define FIND_PYTHON
python= bare= ; for candidate in $(PYTHONS); do \
  $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
  if $$candidate -c 'import ensurepip, venv' 2>/dev/null; then python=$$candidate; break; fi; \
  bare="$${bare:-$$candidate}"; \
done; \
if [ -z "$$python$$bare" ]; then \
  echo "make: needs Python 3.11 or newer (tried: $(PYTHONS));" \
    "install one, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; \
elif [ -z "$$python" ]; then \
  version=$$($$bare -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
  echo "make: $$bare has no venv module;" \
    "on Debian or Ubuntu: apt-get install python$$version-venv" >&2; exit 1; \
fi
endef

define CREATE_VENV
echo "creating $(VENV) with $$python ($$($$python -V))" && \
$$python -m venv --clear $(VENV)
endef
