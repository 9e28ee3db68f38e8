# Everything runs from .venv, made from constraints.txt: nothing to install or start beforehand but Python 3.11 and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

export HF_HUB_OFFLINE ?= 1
export TOKENIZERS_PARALLELISM ?= false

.PHONY: demo run sandbox screenshots test check format lint types contracts clean

demo: $(READY)  ## the handbook indexed, five questions asked in the sandbox, the threads printed
	@$(BIN)/python -m examples.demo

run: $(READY)  ## the bot in a real workspace, with the tokens in .env
	@$(BIN)/python -m bot

sandbox: $(READY)  ## a stand-in for Slack with the bot in it, until Ctrl-C
	@$(BIN)/python -m examples.demo --stay

screenshots: $(READY)  ## the sandbox's page as pictures in docs/screenshots; needs Chromium
	@$(BIN)/python -m examples.screenshots

test: $(READY)  ## the whole suite; three files at a time with: make test PYTEST="-n 3 --dist loadfile"
	@$(BIN)/python -m pytest $(PYTEST)

check: $(READY) format lint types contracts test  ## what CI runs

format: $(READY)
	@$(BIN)/ruff format --check --quiet . || (echo "run: $(BIN)/ruff format ." && false)

lint: $(READY)
	@$(BIN)/ruff check --quiet .

types: $(READY)
	@$(BIN)/mypy

contracts: $(READY)
	@PYTHONPATH=. $(BIN)/lint-imports --no-logo

# One pip call with the constraints: torch is pinned to a build without CUDA where the index offers one.
$(READY): constraints.txt pyproject.toml
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) (a minute or two the first time) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt ".[dev]"
	@touch $(READY)

clean:
	rm -rf $(VENV) data
