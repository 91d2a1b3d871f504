// Shared by every file of the shim: the tensor handle and the functions that turn C++ exceptions into status codes.
#pragma once

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <atomic>
#include <exception>

#include "CLibTorch.h"

struct ct_tensor final : at::Tensor {};

namespace contraflow {

void set_last_error(const char *message);

/// Returns libtorch's type for a number of the C interface, such as CT_FLOAT32.
at::ScalarType scalar_type(int32_t type);

/// Returns the device with a number of the C interface: accelerator `index`, or the CPU for -1.
at::Device device(int32_t index);

/// The device on which the calling thread creates tensors.
extern thread_local at::Device current_device;
/// Whether a backward pass has run in the process.
extern std::atomic<bool> has_run_backward;

/// Runs `body`. Returns 0, or 1 after storing the message of an exception for ct_last_error().
template <typename Body>
int guarded(Body &&body) noexcept {
    try {
        body();
        return 0;
    } catch (const std::exception &error) {
        set_last_error(error.what());
    } catch (...) {
        set_last_error("an error of unknown type");
    }
    return 1;
}

/// Runs `body` as guarded() does and stores the tensor it returns in `result`.
template <typename Body>
int returning(ct_out result, Body &&body) noexcept {
    return guarded([&] { *result = new ct_tensor{body()}; });
}

/// The body of a function that stores the value of a tensor expression in `result`.
#define CT_RETURNS(...) { return returning(result, [&] { return __VA_ARGS__; }); }

/// The body of a function that changes a tensor in place. Autograd does not record the change.
#define CT_CHANGES(...) { return guarded([&] { c10::AutoGradMode guard(false); __VA_ARGS__; }); }

}  // namespace contraflow
