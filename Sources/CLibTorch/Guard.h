// What every shim file uses: handles, and the one place where C++ exceptions end.
#pragma once

#include <ATen/ATen.h>

#include <exception>
#include <string>

#include "CLibTorch.h"

struct ct_tensor {
    at::Tensor value;
};

namespace contraflow {

void set_last_error(const char *message);

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

}  // namespace contraflow
