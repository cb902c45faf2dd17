# Every command of the house. `make help` lists them; `make check` is exactly what CI runs.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

# A shell that is not interactive often misses what rustup adds to the path.
export PATH := $(PATH):$(HOME)/.cargo/bin
# Snapshots are accepted by a person (`cargo insta review`), never by a run.
export INSTA_UPDATE ?= no

TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)

.PHONY: help
help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: require-build ## build it and make a first report from made-up traffic
	cargo build --release --locked --package tidewright
	$(TARGET_DIR)/release/tidewright run --config config/config.yaml --current config/demo-configmap.yaml

.PHONY: test
test: test-unit test-servers ## run all tests; installs the servers they start where they are missing

.PHONY: test-unit
test-unit: require-build ## run the tests that need nothing but this tree
	scripts/test unit

.PHONY: test-servers
test-servers: require-build ## run the tests that start real servers on 127.0.0.1
	scripts/install-servers
	scripts/test servers

.PHONY: check
check: require-build check-lock check-format tidy check-lints check-dependencies test check-docs check-generated check-benches ## do everything that CI does
	@echo "make check: all good"

.PHONY: check-lock
check-lock: ## the lock file fits the manifests
	cargo metadata --locked --format-version 1 >/dev/null

.PHONY: check-format
check-format: ## the code is formatted
	cargo fmt --all -- --check

.PHONY: tidy
tidy: ## the rules of the house hold (arrows, sizes, headers, names, links)
	cargo run --quiet --package xtask -- tidy

.PHONY: check-lints
check-lints: ## the compiler and clippy have nothing to say
	cargo clippy --workspace --all-targets -- --deny warnings

.PHONY: check-dependencies
check-dependencies: ## bans, licences and sources of dependencies; advisories where they can be had
	scripts/check-dependencies

.PHONY: check-docs
check-docs: ## the examples in the documentation run, and its links hold
	cargo test --workspace --doc --quiet
	RUSTDOCFLAGS="--deny warnings" cargo doc --workspace --no-deps --quiet

.PHONY: check-generated
check-generated: ## generated pages are what the code says
	scripts/generate --check

.PHONY: check-benches
check-benches: ## the benchmarks build
	cargo test --workspace --bench '*' --no-run --quiet

.PHONY: bench
bench: require-build ## measure; docs/performance.md says what the figures mean
	cargo bench --workspace

.PHONY: gallery
gallery: require-build ## play the stories of traffic and make a page of them
	cargo build --quiet --release --locked --package tidewright-lab
	$(TARGET_DIR)/release/tidewright-lab gallery --page output/gallery.html

.PHONY: compare
compare: require-build ## walk forward over real traces, against other rules
	cargo build --quiet --release --locked --package tidewright-lab
	$(TARGET_DIR)/release/tidewright-lab compare

.PHONY: nab
nab: require-build ## score the detector on the labelled series of the Numenta benchmark
	cargo bench --quiet --package tidewright-models --bench nab

.PHONY: generate
generate: ## write the generated pages
	scripts/generate

.PHONY: fmt
fmt: ## format the code
	cargo fmt --all

.PHONY: screenshots
screenshots: ## picture the last report: light, dark, desktop, phone (needs chromium)
	scripts/screenshots output/report.html $(TARGET_DIR)/screenshots

.PHONY: clean
clean: ## remove what was built and what the demo wrote
	cargo clean
	rm -rf output

.PHONY: require-build
require-build:
	@scripts/require-build
