// The interface between the shim and the library that creates NCCL groups.
#pragma once

#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include <chrono>

#define CONTRAFLOW_NCCL_LIBRARY "libContraflowNCCL.so"
#define CONTRAFLOW_NCCL_FUNCTION "contraflow_nccl_group"

/// Creates an NCCL group for the calling thread's current device. Throws libtorch's exceptions. Both libraries are
/// built against the same libtorch, so C++ types may cross the interface.
using NCCLMaker = void(
    const c10::intrusive_ptr<c10d::Store> &store, int rank, int size, std::chrono::milliseconds timeout,
    int most_blocks, bool is_urgent, c10::intrusive_ptr<c10d::Backend> &result);
