# Everything that a fresh machine needs, from its own set-up to the tests.
SHELL := /bin/bash
.DEFAULT_GOAL := build
PREFIX ?= /usr/local

# The first goal that needs libtorch makes the virtual environment; see Scripts/setup.
CONTRAFLOW_LIBTORCH ?= $(CURDIR)/.venv/torch
export CONTRAFLOW_LIBTORCH

# DEVICE=cuda once, and set-up brings a libtorch with CUDA, which every goal then builds for.
DEVICE ?= $(if $(wildcard .venv/.libtorch-*-cuda),cuda,cpu)
export DEVICE
ifeq ($(DEVICE),cuda)
CUDA_WHEELS := $(CURDIR)/.venv/nvidia
CONTRAFLOW_CUDA_INCLUDE ?= $(CUDA_WHEELS)/cu13/include:$(CUDA_WHEELS)/cu13/include/cccl:$(CUDA_WHEELS)/nccl/include
export CONTRAFLOW_CUDA_INCLUDE
endif

.PHONY: setup build data train test test-cuda test-peers test-python docs python format lint install clean help

help: ## Show the goals
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

setup: ## Install libtorch, with CUDA for DEVICE=cuda, and name whatever system package is missing
	@Scripts/setup

# One configuration for everything, so that nothing compiles twice.
build: setup ## Build the command, the worker and the tests
	swift build -c release --build-tests

data: setup ## Fetch the works of Shakespeare
	@Scripts/fetch-shakespeare

train: setup data ## Train on Shakespeare's works: PRESET=debug, shakespeare or shakespeare-long
	swift build -c release --product contraflow
	swift build -c release --product contraflow-worker
	.build/release/contraflow train --preset $(or $(PRESET),shakespeare)

test: build ## Run the tests, with checks of invariants
	CONTRAFLOW_CHECK_INVARIANTS=1 swift test -c release --skip-build

test-cuda: build data ## Run the tests that need CUDA devices; skipped where there are none
	@Scripts/test-cuda

# The system's packages are asked for before anything is built, all at once.
test-peers: ## Check against PyTorch, transformers and a browser, and with damaged files
	@Scripts/setup peers
	@Scripts/setup-peers
	@$(MAKE) --no-print-directory build
	@Tests/Peers/run $(CHECKS)

docs: build ## Make the libraries' documentation, and check its links and examples
	@Scripts/docs

python: setup ## Build the Python wheel
	python/make-wheel

test-python: setup ## Build the Python wheel and test it, installed
	python/make-wheel test

format: ## Rewrite all Swift files in the project's format
	swift format --in-place --recursive Package.swift Sources Tests Benchmarks Examples

lint: ## Check the format of all Swift files
	swift format lint --strict --recursive Package.swift Sources Tests Benchmarks Examples

install: build ## Copy the commands to PREFIX/bin
	install -d $(DESTDIR)$(PREFIX)/bin
	install .build/release/contraflow .build/release/contraflow-worker $(DESTDIR)$(PREFIX)/bin
	if [ "$$DEVICE" = cuda ]; then install .build/release/libContraflowNCCL.so $(DESTDIR)$(PREFIX)/bin; fi

clean: ## Remove what was built, but not libtorch
	rm -rf .build
