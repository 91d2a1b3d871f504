#include "Gradients.h"

using namespace contraflow;

namespace {

/// The sum of each token's rows. It copies no rows, and its backward needs none.
struct Merge : torch::autograd::Function<Merge> {
    static at::Tensor forward(AutogradContext *context, const at::Tensor &rows, const at::Tensor &places) {
        context->save_for_backward({places});
        auto starts = at::arange(0, places.numel(), places.size(1), places.options());
        return std::get<0>(at::_embedding_bag_forward_only(rows, places.flatten(), starts));
    }

    static tensor_list backward(AutogradContext *context, tensor_list gradients) {
        auto saved = context->get_saved_variables()[0];
        auto places = saved.flatten();
        auto choices = at::empty_like(places).scatter_(0, places, at::arange(places.numel(), places.options()));
        return {gradients[0].index_select(0, choices.div_(saved.size(1), "floor")), at::Tensor()};
    }
};

/// RMSNorm on the CPU, which has no kernel of its own: libtorch composes it of operations that take twice the time.
struct RMSNorm : torch::autograd::Function<RMSNorm> {
    static at::Tensor forward(
        AutogradContext *context, const at::Tensor &input, const at::Tensor &weight, double epsilon) {
        auto rows = precise_rows(input);
        auto scales = at::linalg_vector_norm(rows, 2, at::IntArrayRef{1}, /*keepdim=*/true);
        scales.square_().div_(rows.size(1)).add_(epsilon).rsqrt_();
        context->save_for_backward({input, weight, scales});
        return (rows * scales).mul_(weight).view_as(input).to(input.scalar_type());
    }

    static tensor_list backward(AutogradContext *context, tensor_list gradients) {
        auto saved = context->get_saved_variables();
        auto input = saved[0], weight = saved[1].to(saved[2].scalar_type()), scales = saved[2];
        auto normalized = precise_rows(input) * scales, gradient = precise_rows(gradients[0]);
        auto products = gradient * normalized;
        auto means = products.mv(weight).div_(input.size(-1)).unsqueeze(1);
        auto result = (gradient * weight).addcmul_(normalized, means, -1).mul_(scales);
        return {result.view_as(input), products.sum(0), at::Tensor()};
    }

   private:
    /// The rows of the last dimension, in at least float32.
    static at::Tensor precise_rows(const at::Tensor &tensor) {
        return tensor.detach().reshape({-1, tensor.size(-1)}).to(precise_type(tensor));
    }
};

}  // namespace

int ct_rms_norm(ct_in tensor, ct_in weight, double epsilon, ct_out result) {
    return returning(result, [&]() -> at::Tensor {
        if (!tensor->is_cpu()) return at::rms_norm(*tensor, weight->sizes(), *weight, epsilon);
        TORCH_CHECK(
            weight->dim() == 1 && tensor->size(-1) == weight->size(0), "a norm of ", weight->sizes(),
            " does not fit an input of ", tensor->sizes());
        return RMSNorm::apply(plain(tensor), plain(weight), epsilon);
    });
}

int ct_cross_entropy(ct_in logits, ct_in targets, ct_out result) {
    return returning(result, [&] {
        return at::cross_entropy_loss(logits->to(precise_type(*logits)), *targets, {}, at::Reduction::Sum);
    });
}

int ct_merge(ct_in rows, ct_in places, ct_out result) {
    return returning(result, [&] {
        TORCH_CHECK(
            places->dim() == 2 && places->numel() == rows->size(0), "places of ", places->sizes(),
            " do not fit rows of ", rows->sizes());
        return Merge::apply(plain(rows), plain(places));
    });
}
