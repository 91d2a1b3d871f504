// Gathers whose gradients repeat bit for bit on every device: no two threads add to the same element.
#include "Gradients.h"

using namespace contraflow;

namespace {

struct GatherRows : torch::autograd::Function<GatherRows> {
    static at::Tensor forward(
        AutogradContext *context, const at::Tensor &tensor, const at::Tensor &index, const at::Tensor &uses) {
        context->save_for_backward({uses});
        return tensor.index_select(0, index);
    }

    static tensor_list backward(AutogradContext *context, tensor_list gradients) {
        auto uses = context->get_saved_variables()[0];
        auto rows = gradients[0].index_select(0, uses.flatten());
        if (uses.dim() > 1) rows = rows.unflatten(0, uses.sizes()).sum(1);
        return {rows, at::Tensor(), at::Tensor()};
    }
};

/// sum[indices[i]] += rows[i] for all i. Rows of one index are added in order, in float32 if their type is narrower.
void add_rows(at::Tensor sum, const at::Tensor &indices, const at::Tensor &rows) {
    auto count = indices.size(0);
    if (count == 0) return;
    at::NoGradGuard guard;
    auto [sorted, order] = indices.sort(/*stable=*/true, /*dim=*/0, /*descending=*/false);
    // The rows of one index are a segment. There are at most as many segments as rows; those that remain are empty.
    auto is_next = sorted.narrow(0, 1, count - 1).ne(sorted.narrow(0, 0, count - 1));
    auto segments = at::cat({at::zeros({1}, sorted.options()), is_next.cumsum(0)});
    auto starts = at::searchsorted(segments, at::arange(count + 1, sorted.options()));
    auto values = rows.index_select(0, order).to(at::promote_types(rows.scalar_type(), at::kFloat));
    auto sums = at::segment_reduce(values, "sum", {}, {}, starts, /*axis=*/0, /*unsafe=*/true, /*initial=*/0);
    // An empty segment adds zeros to the row of the last index, so that the order of additions makes no difference.
    auto targets = sorted.index_select(0, starts.narrow(0, 0, count).clamp_max(count - 1));
    sum.index_add_(0, targets, sums.to(sum.scalar_type()));
}

struct Embedding : torch::autograd::Function<Embedding> {
    static at::Tensor forward(AutogradContext *context, const at::Tensor &table, const at::Tensor &indices) {
        // Not a saved variable, so that an optimizer may change the table in place.
        context->saved_data["table"] = table;
        context->save_for_backward({indices});
        return at::embedding(table, indices);
    }

    static tensor_list backward(AutogradContext *context, tensor_list gradients) {
        auto table = context->saved_data["table"].toTensor();
        auto indices = context->get_saved_variables()[0];
        add_rows(gradient_of(table), indices.flatten(), gradients[0].reshape({-1, table.size(1)}));
        return {at::Tensor(), at::Tensor()};
    }
};

}  // namespace

int ct_gather_rows(ct_in tensor, ct_in index, ct_in uses, ct_out result)
    CT_RETURNS(GatherRows::apply(plain(tensor), plain(index), plain(uses)))
int ct_embedding(ct_in table, ct_in indices, ct_out result)
    CT_RETURNS(Embedding::apply(plain(table), plain(indices)))
