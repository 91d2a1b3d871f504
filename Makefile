# Set-up, build, tests, documentation and installation.
SHELL := /bin/bash
.DEFAULT_GOAL := build
PREFIX ?= /usr/local

# The folder of libtorch, which `make setup` installs; see Scripts/setup.
CONTRAFLOW_LIBTORCH ?= $(CURDIR)/.venv/torch
export CONTRAFLOW_LIBTORCH

# After one `make setup DEVICE=cuda`, every goal builds for CUDA.
DEVICE ?= $(if $(wildcard .venv/.libtorch-*-cuda),cuda,cpu)
export DEVICE
ifeq ($(DEVICE),cuda)
CUDA_WHEELS := $(CURDIR)/.venv/nvidia
CONTRAFLOW_CUDA_INCLUDE ?= $(CUDA_WHEELS)/cu13/include:$(CUDA_WHEELS)/cu13/include/cccl:$(CUDA_WHEELS)/nccl/include
export CONTRAFLOW_CUDA_INCLUDE
endif

.PHONY: setup build data train test test-cuda test-faults test-peers test-python benchmark device-kit docs python format lint install clean \
	help

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

setup: ## Install libtorch (DEVICE=cuda: with CUDA) and missing system packages
	@Scripts/setup

# All goals use one configuration, so that nothing is compiled twice.
build: setup ## Build the command, the worker and the tests
	swift build -c release --build-tests

data: setup ## Download Shakespeare's works
	@Scripts/fetch-shakespeare

train: setup data ## Train on Shakespeare's works (PRESET=debug, shakespeare or shakespeare-long)
	swift build -c release --product contraflow
	swift build -c release --product contraflow-worker
	.build/release/contraflow train --preset $(or $(PRESET),shakespeare)

test: build ## Run the tests, with checks of invariants
	CONTRAFLOW_CHECK_INVARIANTS=1 swift test -c release --skip-build

test-cuda: build data ## Run the tests that need CUDA devices; skipped without devices
	@Scripts/test-cuda

test-faults: ## Kill, stop, damage and cut off training runs, about three hours (PARTS=, SEED=, RESULTS=)
	@Scripts/setup peers
	@Scripts/setup-peers
	swift build -c release --product contraflow
	swift build -c release --product contraflow-worker
	@Tests/Faults/run $(PARTS) --seed $(or $(SEED),1) $(if $(RESULTS),--results $(RESULTS))

# All missing system packages are reported before the build starts.
test-peers: ## Compare with PyTorch, transformers and a browser, read damaged files, run the device kit
	@Scripts/setup peers
	@Scripts/setup-peers
	@$(MAKE) --no-print-directory benchmark
	@Tests/Peers/run $(CHECKS)

benchmark: build
	CONTRAFLOW_BENCHMARKS=1 swift build -c release --product pipeline-benchmark
	CONTRAFLOW_BENCHMARKS=1 swift build -c release --product fuzz-readers

device-kit: benchmark ## Pack programs, tests and measurements for a device machine without Swift
	@Scripts/device-kit

docs: build ## Build the documentation of the libraries, and check its links and examples
	@Scripts/docs

python: setup ## Build the Python wheel
	python/make-wheel

test-python: setup ## Build, install and test the Python wheel
	python/make-wheel test

format: ## Format all Swift files
	swift format --in-place --recursive Package.swift Sources Tests Benchmarks Examples

lint: ## Check the format of all Swift files
	swift format lint --strict --recursive Package.swift Sources Tests Benchmarks Examples

install: build ## Copy the commands to PREFIX/bin
	install -d $(DESTDIR)$(PREFIX)/bin
	install .build/release/contraflow .build/release/contraflow-worker $(DESTDIR)$(PREFIX)/bin
	if [ "$$DEVICE" = cuda ]; then install .build/release/libContraflowNCCL.so $(DESTDIR)$(PREFIX)/bin; fi

clean: ## Remove the build folder, but not libtorch
	rm -rf .build
