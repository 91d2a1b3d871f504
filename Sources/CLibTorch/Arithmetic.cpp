#include "Guard.h"

using namespace contraflow;

int ct_add(ct_in left, ct_in right, double scale, ct_out result) CT_RETURNS(at::add(*left, *right, scale))
int ct_multiply(ct_in left, ct_in right, ct_out result) CT_RETURNS(*left * *right)
int ct_scale(ct_in tensor, double factor, ct_out result) CT_RETURNS(*tensor * factor)
int ct_divide(ct_in left, ct_in right, ct_out result) CT_RETURNS(*left / *right)
int ct_matmul(ct_in left, ct_in right, ct_out result) CT_RETURNS(left->matmul(*right))
int ct_sigmoid(ct_in tensor, ct_out result) CT_RETURNS(tensor->sigmoid())
int ct_silu(ct_in tensor, ct_out result) CT_RETURNS(at::silu(*tensor))
int ct_gelu(ct_in tensor, ct_out result) CT_RETURNS(at::gelu(*tensor))
int ct_softmax(ct_in tensor, int64_t dimension, ct_out result) CT_RETURNS(tensor->softmax(dimension))
int ct_sum(ct_in tensor, ct_out result) CT_RETURNS(tensor->sum())
int ct_sum_dimension(ct_in tensor, int64_t dimension, int32_t keeps, ct_out result)
    CT_RETURNS(tensor->sum(dimension, keeps != 0))
int ct_mean_dimension(ct_in tensor, int64_t dimension, int32_t keeps, ct_out result)
    CT_RETURNS(tensor->mean(dimension, keeps != 0))
int ct_sign(ct_in tensor, ct_out result) CT_RETURNS(tensor->sign())

int ct_topk(ct_in tensor, int64_t count, ct_out values, ct_out indices) {
    return guarded([&] {
        auto [largest, index] = tensor->topk(count);
        *values = new ct_tensor{largest};
        *indices = new ct_tensor{index};
    });
}

int ct_keep(ct_in tensor, ct_in mask, double other, ct_out result)
    CT_RETURNS(tensor->masked_fill(mask->logical_not(), other))

int ct_norm_squared(ct_in tensor, ct_out result) {
    return returning(result, [&] {
        // CUDA refuses products of more than INT_MAX elements.
        constexpr int64_t largest = int64_t{1} << 30;
        auto flat = tensor->detach().flatten();
        at::Tensor sum = at::zeros({}, flat.options().dtype(at::kDouble));
        for (const auto &part : flat.split(largest)) sum += part.dot(part).to(at::kDouble);
        return sum;
    });
}

int ct_is_finite(ct_in tensor, ct_out result) CT_RETURNS(tensor->detach().isfinite().all())

int ct_add_in_place(ct_in tensor, ct_in other, double scale) CT_CHANGES(tensor->add_(*other, scale))
int ct_scale_in_place(ct_in tensor, double factor) CT_CHANGES(tensor->mul_(factor))
int ct_zero(ct_in tensor) CT_CHANGES(tensor->zero_())
int ct_copy(ct_in target, ct_in source) CT_CHANGES(target->copy_(*source))

int ct_adamw(
    ct_in parameters, ct_in gradients, ct_in first_moment, ct_in second_moment, double step, double rate, double beta1,
    double beta2, double epsilon, double decay) {
    return guarded([&] {
        // The fused kernel does not compare the sizes.
        for (auto other : {gradients, first_moment, second_moment}) {
            TORCH_CHECK(
                other->sizes() == parameters->sizes(), "AdamW needs tensors of one shape, not ", parameters->sizes(),
                " and ", other->sizes());
        }
        c10::AutoGradMode guard(false);
        at::_fused_adamw_(
            {*parameters}, {*gradients}, {*first_moment}, {*second_moment}, {},
            {at::full({}, step, parameters->options().dtype(at::kFloat))}, rate, beta1, beta2, decay, epsilon,
            /*amsgrad=*/false, /*maximize=*/false);
    });
}
