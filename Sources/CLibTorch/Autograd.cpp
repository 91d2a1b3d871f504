#include <ATen/core/ivalue.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <vector>

#include "Gradients.h"
#include "Transfers.h"

using namespace contraflow;

namespace {

/// The pending weight products of one backward pass. The Swift side and every graph node that adds products share it.
struct WeightQueue final : torch::CustomClassHolder {
    struct Work {
        std::function<void()> run;
        int64_t products;
    };

    std::vector<Work> pending;
};

/// State of a graph node that autograd does not treat as saved tensors. Weights are kept here so that an optimizer may
/// change them in place. A weight is still an input of its node: without it, no node exists if only the weight requires
/// a gradient.
struct Keeper final : torch::CustomClassHolder {
    c10::intrusive_ptr<WeightQueue> queue;
    std::vector<at::Tensor> weights;
    /// The number of rows per expert.
    std::vector<int64_t> counts;
};

}  // namespace

struct ct_weights {
    c10::intrusive_ptr<WeightQueue> queue;
};

namespace {

/// The number of weight products that have run on this thread.
thread_local int64_t weight_products = 0;

/// weight_gradient += gradientᵀ · input, computed in the type of the sum. Both operands have one row per token.
void add_product(at::Tensor weight_gradient, const at::Tensor &gradient, const at::Tensor &input) {
    at::NoGradGuard guard;
    auto type = weight_gradient.scalar_type();
    if (gradient.is_cuda() && gradient.scalar_type() == input.scalar_type() && input.scalar_type() != type) {
        at::addmm_out(weight_gradient, weight_gradient, gradient.t(), input, type);
    } else {
        weight_gradient.addmm_(gradient.to(type).t(), input.to(type));
    }
    weight_products++;
}

c10::IValue keep(const ct_weights *weights, std::vector<at::Tensor> tensors, std::vector<int64_t> counts = {}) {
    auto keeper = c10::make_intrusive<Keeper>();
    keeper->queue = weights->queue;
    keeper->weights = std::move(tensors);
    keeper->counts = std::move(counts);
    return c10::IValue::make_capsule(std::move(keeper));
}

Keeper &keeper_of(AutogradContext *context) {
    // keep() stored the capsule, so the type is known.
    return *c10::static_intrusive_pointer_cast<Keeper>(context->saved_data["keeper"].toCapsule());
}

struct Linear : torch::autograd::Function<Linear> {
    static at::Tensor forward(
        AutogradContext *context, const at::Tensor &input, const at::Tensor & /*weight*/, at::ScalarType type,
        c10::IValue keeper) {
        context->saved_data["keeper"] = keeper;
        context->save_for_backward({input});
        return input.to(type).matmul(keeper_of(context).weights[0].t().to(type));
    }

    static tensor_list backward(AutogradContext *context, tensor_list gradients) {
        auto gradient = gradients[0];
        auto input = context->get_saved_variables()[0];
        auto &kept = keeper_of(context);
        auto weight = kept.weights[0];
        auto rows = gradient.reshape({-1, gradient.size(-1)});
        auto columns = input.detach().reshape({-1, input.size(-1)});
        kept.queue->pending.push_back({[=] { add_product(gradient_of(weight), rows, columns); }, 1});
        at::Tensor result;
        if (context->needs_input_grad(0)) {
            result = gradient.matmul(weight.to(gradient.scalar_type())).to(input.scalar_type());
        }
        return {result, at::Tensor(), at::Tensor(), at::Tensor()};
    }
};

/// Calls `body` for each expert that has rows, with the expert, its first row and its number of rows.
template <typename Body>
void for_each_expert(const std::vector<int64_t> &counts, Body &&body) {
    int64_t start = 0;
    for (size_t expert = 0; expert < counts.size(); start += counts[expert++]) {
        if (counts[expert] != 0) body(static_cast<int64_t>(expert), start, counts[expert]);
    }
}

/// The matrices of experts: stacks [experts, out, in], the experts of which follow each other, or the matrix of the only
/// expert.
using Stacks = std::vector<at::Tensor>;

int64_t stack_size(const at::Tensor &stack) { return stack.dim() == 2 ? 1 : stack.size(0); }

/// The matrix of one of the experts.
at::Tensor of_expert(const Stacks &stacks, int64_t expert) {
    size_t stack = 0;
    for (; expert >= stack_size(stacks[stack]); stack++) expert -= stack_size(stacks[stack]);
    return stacks[stack].dim() == 2 ? stacks[stack] : stacks[stack][expert];
}

/// Stacks of the transposed matrices.
Stacks transposed(const Stacks &stacks) {
    Stacks result;
    for (auto &stack : stacks) result.push_back(stack.mT());
    return result;
}

/// The stacks in which gradients are summed.
Stacks gradients_of(const Stacks &stacks) {
    Stacks result;
    for (auto &stack : stacks) result.push_back(gradient_of(stack));
    return result;
}

/// The products of the rows of each expert with its matrix [in, out].
at::Tensor times_experts(const at::Tensor &rows, const Stacks &stacks, const std::vector<int64_t> &counts) {
    // One kernel per stack, which reads vectors of 16 bytes. In other types and on the CPU it is no faster than a loop,
    // if it exists.
    bool is_grouped = rows.is_cuda() && rows.scalar_type() == at::kBFloat16 && stacks[0].dim() == 3 &&
        stacks[0].size(1) % 8 == 0 && stacks[0].size(2) % 8 == 0 && rows.size(0) > 0;
    if (is_grouped) {
        std::vector<at::Tensor> parts;
        auto first = counts.begin();
        int64_t start = 0;
        for (auto &stack : stacks) {
            std::vector<int32_t> ends(stack.size(0));
            std::partial_sum(first, first + stack.size(0), ends.begin());
            first += stack.size(0);
            auto part = rows.narrow(0, start, ends.empty() ? 0 : ends.back());
            start += part.size(0);
            if (part.size(0) == 0) continue;
            parts.push_back(
                at::_grouped_mm(part, stack, uploaded(at::tensor(ends), Upload::queued, rows.device())));
        }
        return parts.size() == 1 ? parts[0] : at::cat(parts);
    }
    auto result = at::empty({rows.size(0), stacks[0].size(-1)}, rows.options());
    for_each_expert(counts, [&](int64_t expert, int64_t start, int64_t count) {
        auto out = result.narrow(0, start, count);
        at::mm_out(out, rows.narrow(0, start, count), of_expert(stacks, expert));
    });
    return result;
}

/// The first or the second half of the kept weights: the stacks `up` or `down` of experts.
Stacks half(const Stacks &weights, size_t index) {
    auto start = weights.begin() + index * (weights.size() / 2);
    return Stacks(start, start + weights.size() / 2);
}

struct Experts : torch::autograd::Function<Experts> {
    static at::Tensor forward(
        AutogradContext *context, const at::Tensor &rows, const std::optional<at::Tensor> &factors,
        const at::Tensor & /*up*/, c10::IValue keeper) {
        context->saved_data["keeper"] = keeper;
        auto &kept = keeper_of(context);
        auto up = half(kept.weights, 0), down = half(kept.weights, 1);
        auto hidden = times_experts(rows, transposed(up), kept.counts);
        context->save_for_backward({rows, hidden, factors.value_or(at::Tensor())});
        auto width = down[0].size(-1);
        auto active = at::silu(hidden.narrow(1, 0, width)).mul_(hidden.narrow(1, width, width));
        if (factors) active.mul_(*factors);
        return times_experts(active, transposed(down), kept.counts);
    }

    static tensor_list backward(AutogradContext *context, tensor_list gradients) {
        auto gradient = gradients[0].contiguous();
        auto saved = context->get_saved_variables();
        auto rows = saved[0].detach(), hidden = saved[1], factors = saved[2];
        auto &kept = keeper_of(context);
        auto up = half(kept.weights, 0), down = half(kept.weights, 1);
        auto counts = kept.counts;
        auto width = down[0].size(-1);

        auto gate = hidden.narrow(1, 0, width), linear = hidden.narrow(1, width, width);
        auto silu = at::silu(gate);
        auto grad_active = times_experts(gradient, down, counts);
        auto grad_hidden = at::empty_like(hidden);
        auto grad_gate = grad_hidden.narrow(1, 0, width), grad_linear = grad_hidden.narrow(1, width, width);
        at::Tensor grad_factors, product;
        if (factors.defined()) {
            product = grad_active * linear;
            grad_factors = (product * silu).sum(1, /*keepdim=*/true);
            product.mul_(factors);
            silu.mul_(factors);
        }
        at::mul_out(grad_linear, grad_active, silu);
        auto active = silu.mul_(linear);
        if (!product.defined()) product = grad_active.mul_(linear);
        at::silu_backward_out(grad_gate, product, gate);
        auto grad_rows = times_experts(grad_hidden, up, counts);
        auto add_products = [=] {
            auto up_gradients = gradients_of(up), down_gradients = gradients_of(down);
            for_each_expert(counts, [&](int64_t expert, int64_t start, int64_t count) {
                auto out = gradient.narrow(0, start, count), inner = grad_hidden.narrow(0, start, count);
                add_product(of_expert(down_gradients, expert), out, active.narrow(0, start, count));
                add_product(of_expert(up_gradients, expert), inner, rows.narrow(0, start, count));
            });
        };
        auto products = 2 * std::ranges::count_if(counts, [](int64_t count) { return count != 0; });
        kept.queue->pending.push_back({std::move(add_products), products});
        return {grad_rows, grad_factors, at::Tensor(), at::Tensor()};
    }
};

/// The summed cross entropy of a linear layer's outputs. The logits are kept once, in their own type, and turn into
/// their gradient in place; softmax reads them in chunks of rows.
struct LinearCrossEntropy : torch::autograd::Function<LinearCrossEntropy> {
    static at::Tensor forward(
        AutogradContext *context, const at::Tensor &input, const at::Tensor & /*weight*/, const at::Tensor &targets,
        c10::IValue keeper) {
        context->saved_data["keeper"] = keeper;
        auto logits = input.mm(keeper_of(context).weights[0].t());
        context->save_for_backward({input, targets, logits});
        auto sum = at::zeros({}, logits.options().dtype(precise_type(logits)));
        for_each_chunk(logits, [&](at::Tensor chunk, int64_t start, int64_t count) {
            sum += at::cross_entropy_loss(
                chunk.to(sum.scalar_type()), targets.narrow(0, start, count), {}, at::Reduction::Sum);
        });
        return sum;
    }

    static tensor_list backward(AutogradContext *context, tensor_list gradients) {
        auto saved = context->get_saved_variables();
        auto input = saved[0].detach(), targets = saved[1].unsqueeze(1), logits = saved[2];
        auto &kept = keeper_of(context);
        auto weight = kept.weights[0];
        auto scales = gradients[0] * (targets != ignored_target);
        auto indices = targets.clamp_min(0);
        for_each_chunk(logits, [&](at::Tensor chunk, int64_t start, int64_t count) {
            auto gradient = chunk.softmax(-1, scales.scalar_type());
            gradient.scatter_(1, indices.narrow(0, start, count), -1, "add");
            at::mul_out(chunk, gradient, scales.narrow(0, start, count));
        });
        kept.queue->pending.push_back({[=] { add_product(gradient_of(weight), logits, input); }, 1});
        return {logits.mm(weight), at::Tensor(), at::Tensor(), at::Tensor()};
    }

   private:
    static constexpr int64_t ignored_target = -100;

    /// Calls `body` with chunks of about 4 M logits, their first rows and their numbers of rows.
    template <typename Body>
    static void for_each_chunk(const at::Tensor &logits, Body &&body) {
        auto rows = logits.size(0), size = std::max<int64_t>((int64_t{1} << 22) / logits.size(1), 1);
        for (int64_t start = 0; start < rows; start += size) {
            auto count = std::min(size, rows - start);
            body(logits.narrow(0, start, count), start, count);
        }
    }
};

/// A tensor of the same sizes and type without memory. Its elements cannot be read.
at::Tensor without_values(const at::Tensor &tensor) {
    c10::Storage storage(c10::Storage::use_byte_size_t(), 0, at::DataPtr(nullptr, tensor.device()));
    auto result = at::detail::make_tensor<c10::TensorImpl>(std::move(storage), tensor.key_set(), tensor.dtype());
    result.unsafeGetTensorImpl()->set_sizes_contiguous(tensor.sizes());
    return result;
}

at::Tensor tensor_or_none(ct_in tensor) { return tensor ? at::Tensor(*tensor) : at::Tensor(); }

}  // namespace

int ct_weights_new(ct_weights **result) {
    return guarded([&] { *result = new ct_weights{c10::make_intrusive<WeightQueue>()}; });
}

void ct_weights_free(ct_weights *weights) { delete weights; }

int ct_weights_run(ct_weights *weights) {
    return guarded([&] {
        auto work = std::exchange(weights->queue->pending, {});
        for (auto &item : work) {
            item.run();
            item.run = nullptr;  // Frees the captured tensors before the next product runs.
        }
    });
}

int64_t ct_weights_pending(const ct_weights *weights) {
    int64_t products = 0;
    for (const auto &item : weights->queue->pending) products += item.products;
    return products;
}

int64_t ct_weight_products(void) { return weight_products; }

int ct_linear(ct_in tensor, ct_in weight, int32_t type, ct_weights *weights, ct_out result) {
    return returning(result, [&] {
        TORCH_CHECK(
            tensor->size(-1) == weight->size(1), "a weight of ", weight->sizes(), " does not fit an input of ",
            tensor->sizes());
        return Linear::apply(
            plain(tensor), plain(weight), type < 0 ? tensor->scalar_type() : scalar_type(type),
            keep(weights, {*weight}));
    });
}

int ct_linear_cross_entropy(ct_in tensor, ct_in weight, ct_in targets, ct_weights *weights, ct_out result) {
    return returning(result, [&] {
        return LinearCrossEntropy::apply(plain(tensor), plain(weight), plain(targets), keep(weights, {*weight}));
    });
}

int ct_experts(
    ct_in rows, ct_in factors, const int64_t *counts, int64_t expert_count, const ct_in *up, const ct_in *down,
    int32_t stack_count, ct_weights *weights, ct_out result) {
    return returning(result, [&] {
        std::vector<int64_t> sizes(counts, counts + expert_count);
        auto sum = std::accumulate(sizes.begin(), sizes.end(), int64_t{0});
        TORCH_CHECK(sum == rows->size(0), "counts add up to ", sum, " rows, but there are ", rows->size(0));
        Stacks stacks;
        int64_t experts = 0;
        for (int32_t stack = 0; stack < stack_count; stack++) {
            stacks.push_back(*up[stack]);
            experts += stack_size(stacks.back());
            TORCH_CHECK(
                stack_size(*down[stack]) == stack_size(*up[stack]) && up[stack]->size(-2) == 2 * down[stack]->size(-1),
                "expert weights of ", up[stack]->sizes(), " and ", down[stack]->sizes(), " do not fit ", expert_count, " experts");
        }
        for (int32_t stack = 0; stack < stack_count; stack++) stacks.push_back(*down[stack]);
        TORCH_CHECK(experts == expert_count, "weights of ", experts, " experts do not fit ", expert_count, " counts");
        TORCH_CHECK(
            !factors || factors->sizes() == at::IntArrayRef({rows->size(0), 1}), "factors of ",
            factors ? factors->sizes() : at::IntArrayRef(), " do not fit rows of ", rows->sizes());
        return Experts::apply(
            plain(rows), factors ? std::optional<at::Tensor>(*factors) : std::nullopt, plain(up[0]),
            keep(weights, std::move(stacks), std::move(sizes)));
    });
}

int ct_leaf(ct_in tensor, int32_t wanted, ct_out result) CT_RETURNS(tensor->detach().set_requires_grad(wanted != 0))

int ct_input(ct_in tensor, ct_out leaf, ct_out result) {
    return guarded([&] {
        auto owner = without_values(*tensor).set_requires_grad(true);
        auto input = tensor->detach();
        // The edge that operations on a leaf have, without the leaf's values.
        torch::autograd::impl::set_gradient_edge(input, torch::autograd::impl::gradient_edge(owner));
        *leaf = new ct_tensor{owner};
        *result = new ct_tensor{input};
    });
}

int ct_root(ct_in tensor, ct_out result) {
    return returning(result, [&] {
        auto root = without_values(*tensor);
        torch::autograd::impl::set_gradient_edge(root, torch::autograd::impl::gradient_edge(*tensor));
        return root;
    });
}

int ct_free_values(ct_in tensor) {
    return guarded([&] {
        auto storage = tensor->storage();
        storage.set_data_ptr_noswap(at::DataPtr(nullptr, storage.device()));
        storage.set_nbytes(0);
    });
}

int ct_take_values(ct_in tensor, ct_in source) {
    return guarded([&] {
        auto storage = tensor->storage(), values = source->storage();
        TORCH_CHECK(storage.nbytes() == 0, "a tensor that takes values must not have any");
        TORCH_CHECK(
            tensor->sizes() == source->sizes() && tensor->strides() == source->strides() &&
                tensor->storage_offset() == source->storage_offset() &&
                tensor->scalar_type() == source->scalar_type(),
            "values of ", source->sizes(), " do not fit a tensor of ", tensor->sizes());
        storage.set_nbytes(values.nbytes());
        storage.set_data_ptr_noswap(values.set_data_ptr(at::DataPtr(nullptr, values.device())));
        values.set_nbytes(0);
    });
}

int ct_requires_gradient(ct_in tensor, int32_t *result) {
    return guarded([&] { *result = tensor->requires_grad(); });
}

int ct_backward(const ct_in *outputs, const ct_in *gradients, int64_t count) {
    return guarded([&] {
        std::vector<at::Tensor> roots, seeds;
        for (int64_t i = 0; i < count; i++) {
            roots.push_back(*outputs[i]);
            seeds.push_back(tensor_or_none(gradients[i]));
        }
        has_run_backward = true;
        torch::autograd::backward(roots, seeds);
    });
}

int ct_gradient(ct_in tensor, ct_out result) {
    return guarded([&] {
        auto gradient = tensor->grad();
        *result = gradient.defined() ? new ct_tensor{gradient} : nullptr;
    });
}

int ct_set_gradient(ct_in tensor, ct_in gradient) {
    return guarded([&] {
        if (gradient) tensor->set_grad_dtype(gradient->scalar_type());
        tensor->mutable_grad() = tensor_or_none(gradient);
    });
}
