// Shared by the files with autograd functions.
#pragma once

#include <torch/csrc/autograd/custom_function.h>

#include "Guard.h"

namespace contraflow {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

/// Returns the type in which values that need precision are computed: float32 for narrower types, else the tensor's own.
inline at::ScalarType precise_type(const at::Tensor &tensor) {
    return at::isReducedFloatingType(tensor.scalar_type()) ? at::kFloat : tensor.scalar_type();
}

/// Returns the gradient of `weight`, which is set to zeros first if it is not defined.
inline at::Tensor gradient_of(const at::Tensor &weight) {
    auto &gradient = weight.mutable_grad();
    if (!gradient.defined()) gradient = at::zeros_like(weight);
    return gradient;
}

/// The handle as an at::Tensor. Function::apply recognizes tensor arguments by this type.
inline const at::Tensor &plain(ct_in tensor) { return *tensor; }

}  // namespace contraflow
