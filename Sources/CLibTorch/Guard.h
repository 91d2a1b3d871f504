// What every file of the shim uses: the handles, and the one place where C++ exceptions end.
#pragma once

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <exception>

#include "CLibTorch.h"

struct ct_tensor final : at::Tensor {};

namespace contraflow {

void set_last_error(const char *message);

/// Where the calling thread makes its tensors.
extern thread_local at::Device current_device;

/// Runs `body` and turns an exception into the status 1 and a message.
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

/// Runs `body`, whose value is a tensor, and hands it out.
template <typename Body>
int returning(ct_out result, Body &&body) noexcept {
    return guarded([&] { *result = new ct_tensor{body()}; });
}

/// The body of a function whose `result` is the tensor that an expression makes.
#define CT_RETURNS(...) { return returning(result, [&] { return __VA_ARGS__; }); }

/// The body of a function that changes a tensor in place, unseen by autograd.
#define CT_CHANGES(...) { return guarded([&] { c10::AutoGradMode guard(false); __VA_ARGS__; }); }

}  // namespace contraflow
