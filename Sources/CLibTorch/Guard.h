// What every file of the shim uses: the handles, and the one place where C++ exceptions end.
#pragma once

#include <ATen/ATen.h>

#include <exception>

#include "CLibTorch.h"

struct ct_tensor {
    at::Tensor value;
};

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

}  // namespace contraflow
