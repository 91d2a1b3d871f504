#include <torch/csrc/autograd/autograd.h>

#include "Guard.h"

using namespace contraflow;

int ct_leaf(ct_in tensor, int32_t wanted, ct_out result) {
    return returning(result, [&] { return tensor->value.detach().set_requires_grad(wanted != 0); });
}

int ct_requires_gradient(ct_in tensor, int32_t *result) {
    return guarded([&] { *result = tensor->value.requires_grad() ? 1 : 0; });
}

int ct_backward(const ct_in *outputs, const ct_in *gradients, int64_t count) {
    return guarded([&] {
        std::vector<at::Tensor> roots, seeds;
        for (int64_t i = 0; i < count; i++) {
            roots.push_back(outputs[i]->value);
            seeds.push_back(gradients[i] ? gradients[i]->value : at::Tensor());
        }
        torch::autograd::backward(roots, seeds);
    });
}

int ct_gradient(ct_in tensor, ct_out result) {
    return guarded([&] {
        auto gradient = tensor->value.grad();
        *result = gradient.defined() ? new ct_tensor{gradient} : nullptr;
    });
}

int ct_set_gradient(ct_in tensor, ct_in gradient) {
    return guarded([&] {
        at::Tensor target = tensor->value;
        target.mutable_grad() = gradient ? gradient->value : at::Tensor();
    });
}
