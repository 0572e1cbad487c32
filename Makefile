# `make demo` and `make test` are all that a newcomer needs; each does its own set-up.
# `make help` lists the rest.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
SUDO   := $(shell test "$$(id -u)" = 0 || echo sudo)

# What the tests drive for real: PortAudio through a virtual microphone, a broker, a decoder, systemd.
DEBIAN_PACKAGES := libportaudio2 pulseaudio libasound2-plugins mosquitto mosquitto-clients ffmpeg openssl systemd

.PHONY: help demo test check venv packages test-realtime test-training test-litert test-systemd benchmark-quick clean
help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

demo: $(VENV)/.demo  ## a night at the cot in 40 seconds, no hardware needed
	$(BIN)/edgecry demo

test: venv packages  ## all that must hold in under ten minutes; what waits or trains has its own
	$(BIN)/pytest

check: venv packages  ## style, types, import arrows, systemd unit
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/test_imports.py tests/systemd

test-realtime: venv packages  ## the daemon through outages that take their real time
	$(BIN)/pytest -m waits tests/flow

test-training: venv  ## the workbench end to end: tiny models trained, quantized, judged
	$(BIN)/pytest -m trains tests/convert

test-litert: .venv-litert/.ready packages  ## the device's tests again on the other TFLite run time
	.venv-litert/bin/pytest tests/inference tests/flow

test-systemd: DEBIAN_PACKAGES += systemd-container
test-systemd: venv packages  ## installed as docs/install.md says, under a real systemd (needs root)
	$(BIN)/pytest -m boot tests/systemd/test_boot.py

# Public recordings lie beside the repository where they are; its tests have synthetic ones.
RECORDINGS := ../shared/data
benchmark-quick: venv  ## every published approach to why a baby cries in miniature: do all parts fit?
	@if [ ! -f $(RECORDINGS)/reasons.csv ]; then \
	  echo "benchmark-quick: skipped, no recordings with reasons in $(RECORDINGS)"; exit 0; fi; \
	run=$$(mktemp -d) && trap 'rm -rf "$$run"' EXIT && \
	$(BIN)/python -m convert.benchmark --quick --data $(RECORDINGS) --run "$$run"

venv: $(VENV)/.ready  ## .venv with every extra; .venv/bin/edgecry is the command

$(VENV)/.ready: setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable '.[station,convert,demo,test]'
	touch $@ $(VENV)/.demo

$(VENV)/.demo: setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable '.[demo]'
	touch $@

# The other run time beside the one that setup.cfg chooses for this Python.
.venv-litert/.ready: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv-litert
	.venv-litert/bin/pip install --quiet --upgrade pip
	.venv-litert/bin/pip install --quiet --editable '.[test]'
	.venv-litert/bin/pip uninstall --quiet --yes tflite-runtime
	.venv-litert/bin/pip install --quiet 'ai-edge-litert>=2.1,<3'
	touch $@

# Installs only what is missing, and says what it does.
packages:
	@missing=$$(for p in $(DEBIAN_PACKAGES); do \
	  dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if ! command -v apt-get >/dev/null || { [ -n "$(SUDO)" ] && ! sudo -n true 2>/dev/null; }; then \
	  echo "The tests also need: $$missing. Without them some tests are skipped. Install them with:"; \
	  echo "  sudo apt-get install --no-install-recommends" $$missing; exit 0; fi; \
	echo "Installing Debian packages that the tests need:" $$missing; \
	$(SUDO) apt-get update -qq && \
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$missing >/dev/null

clean:  ## remove what was built
	rm -rf .venv .venv-litert build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
