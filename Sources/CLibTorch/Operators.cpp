#include "Operators.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>

namespace contraflow {

namespace {

/// Operators that compute no values, although their schemas say nothing of a view.
constexpr std::array<std::string_view, 12> silent = {
    "aten::empty", "aten::empty_like", "aten::empty_strided", "aten::is_pinned", "aten::new_empty",
    "aten::new_empty_strided", "aten::resize_", "aten::result_type", "aten::set_", "aten::set_data", "aten::detach_",
    "aten::_unsafe_view",
};

OperatorEffect effect(const c10::OperatorName &name) {
    auto operation = c10::Dispatcher::singleton().findSchema(name);
    if (!operation || std::ranges::find(silent, name.name) != silent.end()) return {false, {}};
    const auto &schema = operation->schema();
    OperatorEffect effect{true, {}};
    for (const auto &argument : schema.arguments()) {
        effect.writes.push_back(argument.alias_info() && argument.alias_info()->isWrite());
    }
    // A result that shares the memory of an argument that is not written is a view of it.
    effect.computes = !std::ranges::any_of(schema.returns(), [](const auto &result) {
        return result.alias_info() && !result.alias_info()->isWrite();
    });
    return effect;
}

}  // namespace

const OperatorEffect &effect_of(const at::RecordFunction &function) {
    static thread_local std::unordered_map<c10::OperatorName, OperatorEffect> known;
    static const OperatorEffect none{false, {}};
    auto name = function.operator_name();
    // Nodes of autograd's graphs are observed as well. They have no schema.
    if (!name) return none;
    auto found = known.find(*name);
    return found != known.end() ? found->second : known.emplace(*name, effect(*name)).first->second;
}

}  // namespace contraflow
