// What the shim and the library that holds NCCL groups know of each other.
#pragma once

#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include <chrono>

#define CONTRAFLOW_NCCL_LIBRARY "libContraflowNCCL.so"
#define CONTRAFLOW_NCCL_FUNCTION "contraflow_nccl_group"

/// Makes an NCCL group for the thread's current device; throws what libtorch throws. Both sides are built against the
/// same libtorch, so that its types may pass.
using NCCLMaker = void(
    const c10::intrusive_ptr<c10d::Store> &store, int rank, int size, std::chrono::milliseconds timeout,
    int most_blocks, c10::intrusive_ptr<c10d::Backend> &result);
