# The commands of this project; each is one line, so that what it does can be read here.

.DEFAULT_GOAL := help
.PHONY: help run test check lint fmt bench

# Where `make run` listens and keeps its data, and what `make bench` passes on.
LISTEN ?= 127.0.0.1:8080
DATA ?= demo-data
BENCH_ARGS ?=

help: ## This list
	@awk -F ': *## ' '/^[a-z-]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## A demo dealership on http://127.0.0.1:8080, data in demo-data/ (LISTEN=..., DATA=...)
	@scripts/need
	cargo run --release -p forecourt -- demo --data $(DATA) --listen $(LISTEN)

test: ## Everything a change has to pass: format, lints, all tests on SQLite and PostgreSQL
	@scripts/test

check: ## Does it compile? The quickest answer
	@cargo check --workspace --all-targets

lint: ## Format and lints only
	@scripts/lint

fmt: ## Format the code in place
	@cargo fmt --all

bench: ## Measure, on SQLite and PostgreSQL (BENCH_ARGS=...)
	@scripts/need
	scripts/with-postgres cargo run --release -p forecourt-bench -- $(BENCH_ARGS)
