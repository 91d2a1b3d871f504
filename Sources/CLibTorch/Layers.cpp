#include "Guard.h"

using namespace contraflow;

int ct_embedding(ct_in table, ct_in indices, ct_out result) CT_RETURNS(at::embedding(*table, *indices))
int ct_rms_norm(ct_in tensor, ct_in weight, double epsilon, ct_out result)
    CT_RETURNS(at::rms_norm(*tensor, weight->sizes(), *weight, epsilon))

int ct_rotate(ct_in tensor, ct_in cosines, ct_in sines, ct_out result) {
    return returning(result, [&] {
        auto pairs = tensor->unflatten(-1, {-1, 2});
        auto even = pairs.select(-1, 0), odd = pairs.select(-1, 1);
        auto c = cosines->unsqueeze(1), s = sines->unsqueeze(1);
        return at::stack({even * c - odd * s, even * s + odd * c}, -1).flatten(-2);
    });
}

int ct_attention(ct_in queries, ct_in keys, ct_in values, double scale, ct_out result) {
    return returning(result, [&] {
        auto scores = queries->matmul(keys->transpose(-2, -1)) * scale;
        auto length = scores.size(-2), span = scores.size(-1);
        auto hidden = at::ones({length, span}, scores.options().dtype(at::kBool)).triu(span - length + 1);
        auto weights = scores.masked_fill(hidden, -std::numeric_limits<double>::infinity());
        // The softmax is computed in float32 if the scores have a reduced type.
        auto precise = at::isReducedFloatingType(scores.scalar_type()) ? at::kFloat : scores.scalar_type();
        return weights.softmax(-1, precise).to(scores.scalar_type()).matmul(*values);
    });
}

int ct_cross_entropy(ct_in logits, ct_in targets, ct_out result) {
    return returning(result, [&] {
        at::Tensor scores = *logits;
        if (at::isReducedFloatingType(scores.scalar_type())) scores = scores.to(at::kFloat);
        return at::cross_entropy_loss(scores, *targets, {}, at::Reduction::Sum);
    });
}
