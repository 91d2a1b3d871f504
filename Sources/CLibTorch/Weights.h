// Weight products that wait for their turn.
#pragma once

#include <ATen/core/ivalue.h>

#include <functional>
#include <vector>

#include "Guard.h"

namespace contraflow {

/// Keeps the weight products of one backward pass. Held by the Swift side and by every graph node that adds to it.
struct WeightQueue final : torch::CustomClassHolder {
    struct Work {
        std::function<void()> run;
        int64_t products;
    };

    std::vector<Work> pending;
};

/// How many weight products have run on this thread.
extern thread_local int64_t weight_products;

/// weight.grad += gradientᵀ · input, both with one row an element of the batch.
void add_product(at::Tensor weight_gradient, const at::Tensor &gradient, const at::Tensor &input);

/// The buffer in which a weight gathers its gradient, made where there is none.
at::Tensor gradient_of(const at::Tensor &weight);

}  // namespace contraflow

struct ct_weights {
    c10::intrusive_ptr<contraflow::WeightQueue> queue;
};
