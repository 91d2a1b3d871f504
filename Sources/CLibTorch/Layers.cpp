#include <torch/csrc/autograd/custom_function.h>

#include "Guard.h"

using namespace contraflow;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

namespace {

/// The weighted sum of each token's rows. It copies no rows: autograd would keep those that it multiplies.
struct Merge : torch::autograd::Function<Merge> {
    static at::Tensor forward(
        AutogradContext *context, const at::Tensor &rows, const at::Tensor &weights, const at::Tensor &places) {
        context->save_for_backward({rows, weights, places});
        auto starts = at::arange(0, places.numel(), weights.size(1), places.options());
        return std::get<0>(at::_embedding_bag_forward_only(
            rows, places, starts, /*scale_grad_by_freq=*/false, /*mode=*/0, /*sparse=*/false,
            weights.to(rows.scalar_type()).flatten()));
    }

    static tensor_list backward(AutogradContext *context, tensor_list gradients) {
        auto saved = context->get_saved_variables();
        auto rows = saved[0], weights = saved[1], places = saved[2];
        auto choices = at::empty_like(places).scatter_(0, places, at::arange(places.numel(), places.options()));
        auto gradient = gradients[0].index_select(0, choices.div(weights.size(1), "floor"));
        auto of_weights = (gradient * rows).sum(1, /*keepdim=*/false, weights.scalar_type());
        gradient.mul_(weights.flatten().index_select(0, choices).unsqueeze(1));
        return {gradient, of_weights.index_select(0, places).view_as(weights), at::Tensor()};
    }
};

}  // namespace

int ct_embedding(ct_in table, ct_in indices, ct_out result) CT_RETURNS(at::embedding(*table, *indices))
int ct_rms_norm(ct_in tensor, ct_in weight, double epsilon, ct_out result)
    CT_RETURNS(at::rms_norm(*tensor, weight->sizes(), *weight, epsilon))

int ct_cross_entropy(ct_in logits, ct_in targets, ct_out result) {
    return returning(result, [&] {
        at::Tensor scores = *logits;
        if (at::isReducedFloatingType(scores.scalar_type())) scores = scores.to(at::kFloat);
        return at::cross_entropy_loss(scores, *targets, {}, at::Reduction::Sum);
    });
}

int ct_merge(ct_in rows, ct_in weights, ct_in places, ct_out result) {
    return returning(result, [&] {
        TORCH_CHECK(
            places->sizes() == at::IntArrayRef{rows->size(0)} && weights->dim() == 2 &&
                weights->numel() == rows->size(0),
            "weights of ", weights->sizes(), " and places of ", places->sizes(), " do not fit rows of ", rows->sizes());
        at::Tensor values = *rows, factors = *weights, indices = *places;
        return Merge::apply(values, factors, indices);
    });
}
