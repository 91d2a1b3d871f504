#include "Weights.h"

#include <torch/csrc/autograd/custom_function.h>

using namespace contraflow;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

namespace contraflow {

thread_local int64_t weight_products = 0;

at::Tensor gradient_of(const at::Tensor &weight) {
    at::Tensor gradient = weight.grad();
    if (!gradient.defined()) {
        gradient = at::zeros_like(weight);
        const_cast<at::Tensor &>(weight).mutable_grad() = gradient;
    }
    return gradient;
}

void add_product(at::Tensor weight_gradient, const at::Tensor &gradient, const at::Tensor &input) {
    at::NoGradGuard guard;
    weight_gradient.addmm_(gradient.t(), input);
    weight_products++;
}

namespace {

WeightQueue &queue_of(AutogradContext *context) {
    // Made from a WeightQueue in forward.
    return *c10::static_intrusive_pointer_cast<WeightQueue>(context->saved_data["weights"].toCapsule());
}

/// Weights that are kept apart from the graph's saved tensors, so that an optimizer may change them in place. A weight
/// is an input of its node all the same: the node has to exist where the weight alone needs a gradient.
struct Keeper final : torch::CustomClassHolder {
    std::vector<at::Tensor> tensors;
    std::vector<int64_t> counts;
};

Keeper &keeper_of(AutogradContext *context) {
    return *c10::static_intrusive_pointer_cast<Keeper>(context->saved_data["keeper"].toCapsule());
}

struct Linear : torch::autograd::Function<Linear> {
    static at::Tensor forward(
        AutogradContext *context, const at::Tensor &input, const at::Tensor & /*weight*/, c10::IValue weights,
        c10::IValue keeper) {
        context->saved_data["weights"] = weights;
        context->saved_data["keeper"] = keeper;
        context->save_for_backward({input});
        return input.matmul(keeper_of(context).tensors[0].t());
    }

    static tensor_list backward(AutogradContext *context, tensor_list gradients) {
        auto gradient = gradients[0];
        auto input = context->get_saved_variables()[0];
        auto weight = keeper_of(context).tensors[0];
        auto rows = gradient.reshape({-1, gradient.size(-1)});
        auto columns = input.detach().reshape({-1, input.size(-1)});
        queue_of(context).pending.push_back(
            {[=] { add_product(gradient_of(weight), rows, columns); }, 1});
        at::Tensor result;
        if (context->needs_input_grad(0)) result = gradient.matmul(weight);
        return {result, at::Tensor(), at::Tensor(), at::Tensor()};
    }
};

struct Experts : torch::autograd::Function<Experts> {
    static at::Tensor forward(
        AutogradContext *context, const at::Tensor &rows, const at::Tensor & /*up*/, c10::IValue weights,
        c10::IValue keeper) {
        context->saved_data["weights"] = weights;
        context->saved_data["keeper"] = keeper;
        auto &kept = keeper_of(context);
        auto up = kept.tensors[0], down = kept.tensors[1];
        auto hidden = at::empty({rows.size(0), up.size(1)}, rows.options());
        auto result = at::empty({rows.size(0), down.size(1)}, rows.options());
        auto width = down.size(2);
        int64_t start = 0;
        for (size_t expert = 0; expert < kept.counts.size(); expert++) {
            auto count = kept.counts[expert];
            if (count == 0) continue;
            auto h = hidden.narrow(0, start, count);
            at::mm_out(h, rows.narrow(0, start, count), up[expert].t());
            auto active = at::silu(h.narrow(1, 0, width)).mul_(h.narrow(1, width, width));
            auto out = result.narrow(0, start, count);
            at::mm_out(out, active, down[expert].t());
            start += count;
        }
        context->save_for_backward({rows, hidden});
        return result;
    }

    static tensor_list backward(AutogradContext *context, tensor_list gradients) {
        auto gradient = gradients[0].contiguous();
        auto saved = context->get_saved_variables();
        auto rows = saved[0].detach(), hidden = saved[1];
        auto &kept = keeper_of(context);
        auto up = kept.tensors[0], down = kept.tensors[1];
        auto counts = kept.counts;
        auto width = down.size(2);

        auto gate = hidden.narrow(1, 0, width), linear = hidden.narrow(1, width, width);
        auto sigmoid = gate.sigmoid();
        auto silu = gate * sigmoid;
        auto active = silu * linear;
        auto grad_active = at::empty_like(active);
        auto grad_hidden = at::empty_like(hidden);
        auto grad_rows = at::empty_like(rows);
        int64_t start = 0, products = 0;
        for (size_t expert = 0; expert < counts.size(); expert++) {
            auto count = counts[expert];
            if (count == 0) continue;
            auto out = grad_active.narrow(0, start, count);
            at::mm_out(out, gradient.narrow(0, start, count), down[expert]);
            start += count;
            products += 2;
        }
        // d silu(g) = s + g·s·(1 - s) with s = sigmoid(g).
        grad_hidden.narrow(1, 0, width).copy_(grad_active * linear * (sigmoid + silu * (1 - sigmoid)));
        grad_hidden.narrow(1, width, width).copy_(grad_active * silu);
        start = 0;
        for (size_t expert = 0; expert < counts.size(); expert++) {
            auto count = counts[expert];
            if (count == 0) continue;
            auto out = grad_rows.narrow(0, start, count);
            at::mm_out(out, grad_hidden.narrow(0, start, count), up[expert]);
            start += count;
        }
        queue_of(context).pending.push_back(
            {[=] {
                 auto up_gradient = gradient_of(up), down_gradient = gradient_of(down);
                 int64_t begin = 0;
                 for (size_t expert = 0; expert < counts.size(); expert++) {
                     auto count = counts[expert];
                     if (count == 0) continue;
                     add_product(
                         down_gradient[expert], gradient.narrow(0, begin, count), active.narrow(0, begin, count));
                     add_product(
                         up_gradient[expert], grad_hidden.narrow(0, begin, count), rows.narrow(0, begin, count));
                     begin += count;
                 }
             },
             products});
        return {grad_rows, at::Tensor(), at::Tensor(), at::Tensor()};
    }
};

c10::IValue capsule(c10::intrusive_ptr<torch::CustomClassHolder> target) {
    return c10::IValue::make_capsule(std::move(target));
}

c10::IValue keep(std::vector<at::Tensor> tensors, std::vector<int64_t> counts = {}) {
    auto keeper = c10::make_intrusive<Keeper>();
    keeper->tensors = std::move(tensors);
    keeper->counts = std::move(counts);
    return capsule(keeper);
}

}  // namespace
}  // namespace contraflow

int ct_weights_new(ct_weights **result) {
    return guarded([&] { *result = new ct_weights{c10::make_intrusive<WeightQueue>()}; });
}

void ct_weights_free(ct_weights *weights) { delete weights; }

int ct_weights_run(ct_weights *weights) {
    return guarded([&] {
        auto work = std::move(weights->queue->pending);
        weights->queue->pending.clear();
        for (auto &item : work) {
            item.run();
            item.run = nullptr;  // What it kept is freed as soon as it has been used.
        }
    });
}

int64_t ct_weights_pending(const ct_weights *weights) {
    int64_t products = 0;
    for (const auto &item : weights->queue->pending) products += item.products;
    return products;
}

int64_t ct_weight_products(void) { return weight_products; }

int ct_linear(ct_in tensor, ct_in weight, ct_weights *weights, ct_out result) {
    return returning(result, [&] {
        TORCH_CHECK(
            tensor->value.size(-1) == weight->value.size(1), "a weight of ", weight->value.sizes(),
            " does not fit an input of ", tensor->value.sizes());
        return Linear::apply(tensor->value, weight->value, capsule(weights->queue), keep({weight->value}));
    });
}

int ct_experts(
    ct_in rows, const int64_t *counts, int64_t expert_count, ct_in up, ct_in down, ct_weights *weights,
    ct_out result) {
    return returning(result, [&] {
        std::vector<int64_t> sizes(counts, counts + expert_count);
        int64_t sum = 0;
        for (auto count : sizes) sum += count;
        TORCH_CHECK(sum == rows->value.size(0), "counts add up to ", sum, " rows, not ", rows->value.size(0));
        TORCH_CHECK(
            up->value.size(0) == expert_count && up->value.size(1) == 2 * down->value.size(2),
            "expert weights of ", up->value.sizes(), " and ", down->value.sizes(), " do not fit ", expert_count,
            " experts");
        return Experts::apply(rows->value, up->value, capsule(weights->queue), keep({up->value, down->value}, sizes));
    });
}
