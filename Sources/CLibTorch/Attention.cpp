#include <algorithm>

#include "Gradients.h"

using namespace contraflow;

namespace {

/// The rotations of all positions as complex numbers: [S, 1, d/2].
at::Tensor rotations(const at::Tensor &cosines, const at::Tensor &sines) {
    auto type = precise_type(cosines);
    return at::complex(cosines.to(type), sines.to(type)).unsqueeze(1);
}

/// Rotates the interleaved pairs of [B, S, H, d].
at::Tensor rotate(const at::Tensor &tensor, const at::Tensor &rotations) {
    // A copy, because complex views need memory that is aligned to pairs.
    auto copy = tensor.to(precise_type(tensor), /*non_blocking=*/false, /*copy=*/true, at::MemoryFormat::Contiguous);
    auto pairs = copy.unflatten(-1, {-1, 2});
    return at::view_as_real(at::view_as_complex(pairs) * rotations).flatten(-2).to(tensor.scalar_type());
}

/// Causal attention of heads of one width. The last query attends to all keys.
at::Tensor attend(const at::Tensor &queries, const at::Tensor &keys, const at::Tensor &values, double scale) {
    auto length = queries.size(-2), span = keys.size(-2);
    // The causal kernels align the first query with the first key.
    std::optional<at::Tensor> mask;
    if (1 < length && length < span) {
        mask = at::ones({length, span}, queries.options().dtype(at::kBool)).tril(span - length);
    }
    return at::scaled_dot_product_attention(
        queries, keys, values, mask, /*dropout_p=*/0, /*is_causal=*/length == span, scale);
}

/// The type in which the kernels compute. On the CPU, the flash kernel's backward is up to ten times slower in bfloat16
/// than in float32.
at::ScalarType kernel_type(const at::Tensor &queries) {
    return queries.is_cpu() ? precise_type(queries) : queries.scalar_type();
}

/// The width of heads that the kernels need for values of `width`. On the CPU, the flash kernel takes queries, keys and
/// values of one width only.
int64_t kernel_width(const at::Tensor &queries, int64_t width) {
    return queries.is_cpu() ? std::max(queries.size(-1), width) : width;
}

/// `tensor` with zeros up to `width` in the last dimension.
at::Tensor padded(const at::Tensor &tensor, int64_t width) {
    auto missing = width - tensor.size(-1);
    return missing > 0 ? at::constant_pad_nd(tensor, {0, missing}) : tensor;
}

/// The queries, keys and values of latent attention as the kernels read them: rotated, joined and padded.
struct LatentHeads : torch::autograd::Function<LatentHeads> {
    static tensor_list forward(
        AutogradContext *context, const at::Tensor &queries, const at::Tensor &keys_values,
        const at::Tensor &rotary_keys, const at::Tensor &rotations) {
        auto rotary = rotary_keys.size(-1), plain = queries.size(-1) - rotary;
        auto value_width = keys_values.size(-1) - plain;
        auto width = kernel_width(queries, value_width);
        auto type = kernel_type(queries);
        auto query = at::empty(queries.sizes(), queries.options().dtype(type)), key = at::empty_like(query);
        query.narrow(3, 0, plain).copy_(queries.narrow(3, 0, plain));
        query.narrow(3, plain, rotary).copy_(rotate(queries.narrow(3, plain, rotary), rotations));
        key.narrow(3, 0, plain).copy_(keys_values.narrow(3, 0, plain));
        key.narrow(3, plain, rotary).copy_(rotate(rotary_keys.unsqueeze(2), rotations));
        auto value = padded(keys_values.narrow(3, plain, value_width), width).to(type);
        context->save_for_backward({rotations});
        context->saved_data["rotary"] = rotary;
        context->saved_data["plain"] = plain;
        context->saved_data["values"] = value_width;
        return {padded(query, width), padded(key, width), value};
    }

    static tensor_list backward(AutogradContext *context, tensor_list gradients) {
        auto back = context->get_saved_variables()[0].conj_physical();
        auto rotary = context->saved_data["rotary"].toInt(), plain = context->saved_data["plain"].toInt();
        auto value_width = context->saved_data["values"].toInt();
        auto query = gradients[0].narrow(3, 0, plain + rotary), key = gradients[1], value = gradients[2];
        // Only this node reads the gradient of the queries, so it may be changed in place.
        query.narrow(3, plain, rotary).copy_(rotate(query.narrow(3, plain, rotary), back));
        auto keys_values = at::empty({key.size(0), key.size(1), key.size(2), plain + value_width}, key.options());
        keys_values.narrow(3, 0, plain).copy_(key.narrow(3, 0, plain));
        keys_values.narrow(3, plain, value_width).copy_(value.narrow(3, 0, value_width));
        auto rotary_keys = rotate(key.narrow(3, plain, rotary).sum(2, /*keepdim=*/true), back).squeeze(2);
        return {query, keys_values, rotary_keys, at::Tensor()};
    }
};

}  // namespace

int ct_rotate(ct_in tensor, ct_in cosines, ct_in sines, ct_out result)
    CT_RETURNS(rotate(*tensor, rotations(*cosines, *sines)))

int ct_attention(ct_in queries, ct_in keys, ct_in values, double scale, ct_out result) {
    return returning(result, [&] {
        auto type = kernel_type(*queries);
        auto width = kernel_width(*queries, values->size(-1));
        auto prepared = [&](const at::Tensor &tensor) {
            return padded(tensor.to(type), width).expand({queries->size(0), queries->size(1), -1, -1});
        };
        auto mixed = attend(prepared(*queries), prepared(*keys), prepared(*values), scale);
        return mixed.narrow(-1, 0, values->size(-1)).to(queries->scalar_type());
    });
}

int ct_latent_heads(
    ct_in queries, ct_in keys_values, ct_in rotary_keys, ct_in cosines, ct_in sines, ct_out all_queries, ct_out all_keys,
    ct_out all_values) {
    return guarded([&] {
        auto heads = LatentHeads::apply(
            plain(queries), plain(keys_values), plain(rotary_keys), rotations(*cosines, *sines));
        *all_queries = new ct_tensor{heads[0]};
        *all_keys = new ct_tensor{heads[1]};
        *all_values = new ct_tensor{heads[2]};
    });
}

int ct_latent_attention(
    ct_in queries, ct_in keys, ct_in values, int64_t width, int32_t type, double scale, ct_out result) {
    return returning(result, [&] {
        auto mixed = attend(queries->transpose(1, 2), keys->transpose(1, 2), values->transpose(1, 2), scale);
        return mixed.transpose(1, 2).narrow(-1, 0, width).flatten(2).to(scalar_type(type));
    });
}
