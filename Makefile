# The few verbs of this project. `make help` lists them; each says what it is doing.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run build test lint format bench fuzz tsan crash-matrix chaos clean doctor test-compose test-engines test-kubernetes profile

# Illegal imports pass in a warm build unless the compiler is told to look.
CHECKED := --explicit-target-dependency-import-check error
SOURCES := Package.swift Shared Services Tools Tests $(wildcard Benchmarks)
SAY := printf '\033[1m▸ %s\033[0m\n'

help: ## List the verbs
	@printf 'Slipway: from a registered model to an answer.\n\n'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\n  ONCE=1 make run                 stop after the first answer\n'
	@printf '  QUESTION="what is dapr" make run  ask something else\n'

run: ## Start everything on this machine, serve the demo model and ask it a question
	@scripts/install-dependencies run
	@$(SAY) 'building (the first time takes a few minutes)'
	@swift build $(CHECKED)
	@exec .build/debug/slipway dev --demo $(if $(ONCE),--once) $(if $(QUESTION),--question '$(subst ','\'',$(QUESTION))')

build: ## Compile, imports checked against Package.swift
	@scripts/install-dependencies build
	@$(SAY) 'building'
	@swift build $(CHECKED)

lint: ## Check the format of every Swift source
	@scripts/install-dependencies build
	@$(SAY) 'checking the format'
	@swift format lint --strict --recursive --parallel $(SOURCES)

format: ## Rewrite every Swift source in the house format
	@swift format --in-place --recursive --parallel $(SOURCES)

test: ## Install what is missing, check the format, compile and run every test
	@scripts/install-dependencies test
	@$(MAKE) --no-print-directory lint
	@$(SAY) 'building with tests'
	@swift build --build-tests $(CHECKED)
	@$(SAY) 'testing'
	@scripts/test $(if $(FILTER),--filter '$(FILTER)')

tsan: ## Run the tests under the thread sanitizer
	@scripts/install-dependencies test
	@$(SAY) 'building for the thread sanitizer'
	@swift build --build-tests --sanitize=thread --scratch-path .build-tsan
	@$(SAY) 'testing under the thread sanitizer'
	@TSAN_OPTIONS=suppressions=$(CURDIR)/Tests/thread-sanitizer.supp \
	    scripts/test --sanitize=thread --scratch-path .build-tsan $(if $(FILTER),--filter '$(FILTER)')

fuzz: ## Run each fuzzer for a short time (SECONDS_EACH=20)
	@scripts/install-dependencies build
	@scripts/fuzz

bench: ## Measure, beside other proxies, and append the figures to .bench/results.jsonl
	@scripts/install-dependencies bench
	@$(SAY) 'building for release, and measuring'
	@scripts/bench

crash-matrix: ## Kill every process at every step, and keep the outcome in docs/reliability.md
	@scripts/install-dependencies test
	@$(SAY) 'building with tests'
	@swift build --build-tests $(CHECKED)
	@$(SAY) 'killing, step by step'
	@scripts/crash-matrix

chaos: ## Kill and pause at random under load (MINUTES=30, SEED=… to repeat)
	@scripts/install-dependencies test
	@$(SAY) 'building with tests'
	@swift build --build-tests $(CHECKED)
	@$(SAY) 'killing at random'
	@MINUTES=$(or $(MINUTES),30) SEED=$(SEED) scripts/chaos

doctor: ## Say what is missing on this machine, and how to get it
	@scripts/doctor

test-compose: ## Build the images, run the main job in Docker Compose, and take it down
	@scripts/test-compose

test-engines: ## Run the real clients through the gateway to real engines
	@scripts/install-dependencies test-engines
	@$(SAY) 'building'
	@swift build $(CHECKED)
	@$(SAY) 'testing with real clients and engines'
	@scripts/test-engines

test-kubernetes: ## Run the Kubernetes client and runtimes against a real API server, built once
	@scripts/install-dependencies build
	@$(SAY) 'building'
	@swift build --build-tests $(CHECKED)
	@$(SAY) 'testing with a real API server'
	@scripts/test-kubernetes

profile: ## Find out anew what the data path runs through, for releases to be laid out by
	@scripts/install-dependencies bench
	@$(SAY) 'building with counters, and putting load on it'
	@scripts/profile

clean: ## Remove what was built; state and models stay
	@$(SAY) 'removing what was built'
	@rm -rf .build .build-*
