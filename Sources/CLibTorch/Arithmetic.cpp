#include <c10/core/GradMode.h>

#include <cmath>

#include "Guard.h"

using namespace contraflow;

int ct_add(ct_in left, ct_in right, double scale, ct_out result) {
    return returning(result, [&] { return at::add(left->value, right->value, scale); });
}

int ct_multiply(ct_in left, ct_in right, ct_out result) {
    return returning(result, [&] { return left->value * right->value; });
}

int ct_scale(ct_in tensor, double factor, ct_out result) {
    return returning(result, [&] { return tensor->value * factor; });
}

int ct_divide(ct_in left, ct_in right, ct_out result) {
    return returning(result, [&] { return left->value / right->value; });
}

int ct_matmul(ct_in left, ct_in right, ct_out result) {
    return returning(result, [&] { return left->value.matmul(right->value); });
}

int ct_sigmoid(ct_in tensor, ct_out result) {
    return returning(result, [&] { return tensor->value.sigmoid(); });
}

int ct_silu(ct_in tensor, ct_out result) {
    return returning(result, [&] { return at::silu(tensor->value); });
}

int ct_gelu(ct_in tensor, ct_out result) {
    return returning(result, [&] { return at::gelu(tensor->value); });
}

int ct_tanh(ct_in tensor, ct_out result) {
    return returning(result, [&] { return tensor->value.tanh(); });
}

int ct_softmax(ct_in tensor, int64_t dimension, ct_out result) {
    return returning(result, [&] { return tensor->value.softmax(dimension); });
}

int ct_sum(ct_in tensor, ct_out result) {
    return returning(result, [&] { return tensor->value.sum(); });
}

int ct_sum_dimension(ct_in tensor, int64_t dimension, int32_t keeps, ct_out result) {
    return returning(result, [&] { return tensor->value.sum(dimension, keeps != 0); });
}

int ct_mean_dimension(ct_in tensor, int64_t dimension, int32_t keeps, ct_out result) {
    return returning(result, [&] { return tensor->value.mean(dimension, keeps != 0); });
}

int ct_sign(ct_in tensor, ct_out result) {
    return returning(result, [&] { return tensor->value.sign(); });
}

int ct_topk(ct_in tensor, int64_t count, ct_out values, ct_out indices) {
    return guarded([&] {
        auto [largest, index] = tensor->value.topk(count);
        *values = new ct_tensor{largest};
        *indices = new ct_tensor{index};
    });
}

int ct_argsort(ct_in vector, ct_out result) {
    return returning(result, [&] { return at::argsort(vector->value, /*stable=*/true, /*dim=*/0, /*descending=*/false); });
}

int ct_bincount(ct_in tensor, int64_t count, ct_out result) {
    return returning(result, [&] { return tensor->value.flatten().bincount({}, count); });
}

int ct_keep(ct_in tensor, ct_in mask, ct_out result) {
    return returning(result, [&] {
        return tensor->value.masked_fill(mask->value.logical_not(), -std::numeric_limits<double>::infinity());
    });
}

int ct_norm_squared(ct_in tensor, double *result) {
    return guarded([&] {
        auto flat = tensor->value.detach().flatten();
        *result = flat.dot(flat).to(at::kDouble).item<double>();
    });
}

int ct_is_finite(ct_in tensor, int32_t *result) {
    return guarded([&] {
        auto values = tensor->value.detach();
        // A sum is finite only where all values are, and costs a fraction of looking at each. One that overflows says nothing.
        bool is_finite = std::isfinite(values.sum().to(at::kDouble).item<double>());
        *result = is_finite || values.isfinite().all().item<bool>() ? 1 : 0;
    });
}

int ct_add_in_place(ct_in tensor, ct_in other, double scale) {
    return guarded([&] {
        c10::AutoGradMode guard(false);
        at::Tensor target = tensor->value;
        target.add_(other->value, scale);
    });
}

int ct_scale_in_place(ct_in tensor, double factor) {
    return guarded([&] {
        c10::AutoGradMode guard(false);
        at::Tensor target = tensor->value;
        target.mul_(factor);
    });
}

int ct_zero(ct_in tensor) {
    return guarded([&] {
        c10::AutoGradMode guard(false);
        at::Tensor target = tensor->value;
        target.zero_();
    });
}

int ct_copy(ct_in target, ct_in source) {
    return guarded([&] {
        c10::AutoGradMode guard(false);
        at::Tensor to = target->value;
        to.copy_(source->value);
    });
}

int ct_adamw(
    ct_in parameters, ct_in gradients, ct_in first_moment, ct_in second_moment, double step, double rate, double beta1,
    double beta2, double epsilon, double decay) {
    return guarded([&] {
        c10::AutoGradMode guard(false);
        auto count = at::full({}, step, parameters->value.options().dtype(at::kFloat));
        at::_fused_adamw_(
            {parameters->value}, {gradients->value}, {first_moment->value}, {second_moment->value}, {}, {count}, rate,
            beta1, beta2, decay, epsilon, /*amsgrad=*/false, /*maximize=*/false);
    });
}
