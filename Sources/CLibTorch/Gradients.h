// Shared by the autograd functions that add to the gradients of weights themselves.
#pragma once

#include <torch/csrc/autograd/custom_function.h>

#include "Guard.h"

namespace contraflow {

/// Returns the gradient of `weight`, which is set to zeros first if it is not defined.
inline at::Tensor gradient_of(const at::Tensor &weight) {
    auto &gradient = weight.mutable_grad();
    if (!gradient.defined()) gradient = at::zeros_like(weight);
    return gradient;
}

/// The handle as an at::Tensor. Function::apply recognizes tensor arguments by this type.
inline const at::Tensor &plain(ct_in tensor) { return *tensor; }

}  // namespace contraflow
