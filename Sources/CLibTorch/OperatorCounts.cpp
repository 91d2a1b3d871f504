// Counts of libtorch's operators on the calling thread.
#include <map>
#include <memory>
#include <string>

#include "Operators.h"

using namespace contraflow;

namespace {

/// The operators that have run since ct_operators_start().
struct Operators {
    struct Count {
        int64_t calls = 0, launches = 0;
    };

    std::map<std::string, Count> counts;
    /// Whether each operator in progress has called an operator that computes values.
    std::vector<bool> has_launched;
    at::CallbackHandle handle = 0;
};

thread_local std::unique_ptr<Operators> operators;

std::unique_ptr<at::ObserverContext> begin(const at::RecordFunction &) {
    if (operators) operators->has_launched.push_back(false);
    return nullptr;
}

void end(const at::RecordFunction &function, at::ObserverContext *) {
    if (!operators || operators->has_launched.empty()) return;
    bool has_launched = operators->has_launched.back();
    operators->has_launched.pop_back();
    auto &count = operators->counts[function.name()];
    count.calls++;
    if (!has_launched && effect_of(function).computes) {
        count.launches++;
        has_launched = true;
    }
    if (has_launched && !operators->has_launched.empty()) operators->has_launched.back() = true;
}

}  // namespace

int ct_operators_start(void) {
    return guarded([] {
        TORCH_CHECK(!operators, "operators are already counted on this thread");
        operators = std::make_unique<Operators>();
        operators->handle = at::addThreadLocalCallback(
            at::RecordFunctionCallback(&begin, &end).scopes({at::RecordScope::FUNCTION}));
    });
}

int ct_operators_stop(ct_operator_visitor visit, void *context) {
    return guarded([&] {
        TORCH_CHECK(operators, "operators are not counted on this thread");
        auto counted = std::move(operators);
        at::removeCallback(counted->handle);
        for (const auto &[name, count] : counted->counts) visit(context, name.c_str(), count.calls, count.launches);
    });
}
