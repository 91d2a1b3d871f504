#include "Operators.h"

#include <atomic>
#include <string_view>

#include "StreamTrace.h"
#include "Streams.h"

using namespace contraflow;

struct ct_trace {
    std::shared_ptr<StreamTrace> value;
};

namespace contraflow {

thread_local std::shared_ptr<StreamTrace> trace;

namespace {

thread_local at::CallbackHandle observer = 0;

std::atomic<int64_t> last_thread{0};
thread_local const int64_t thread_number = last_thread++;

/// Calls `body` with the tensors of an operator's argument or result.
template <typename Body>
void for_each_tensor(const c10::IValue &value, Body &&body) {
    if (value.isTensor()) {
        if (value.toTensor().defined()) body(value.toTensor());
    } else if (value.isTensorList()) {
        for (const at::Tensor &tensor : value.toTensorVector()) body(tensor);
    } else if (value.isOptionalTensorList()) {
        for (const std::optional<at::Tensor> &tensor : value.toOptionalTensorVector()) {
            if (tensor && tensor->defined()) body(*tensor);
        }
    }
}

/// Whether the operator reads only the sizes of its tensors, as aten::zeros_like does.
bool reads_sizes(std::string_view name) { return name.ends_with("_like") || name.starts_with("aten::new_"); }

std::unique_ptr<at::ObserverContext> begin(const at::RecordFunction &function) {
    const auto &effect = effect_of(function);
    if (!trace || !effect.computes || reads_sizes(function.name())) return nullptr;
    auto inputs = function.inputs();
    for (size_t i = 0; i < inputs.size(); i++) {
        auto step = i < effect.writes.size() && effect.writes[i] ? Step::write : Step::read;
        for_each_tensor(inputs[i], [&](const at::Tensor &tensor) {
            trace->add(step, current_stream_number(), tensor, function.name());
        });
    }
    return nullptr;
}

void end(const at::RecordFunction &function, at::ObserverContext *) {
    if (!trace || !effect_of(function).computes) return;
    for (const auto &output : function.outputs()) {
        for_each_tensor(output, [&](const at::Tensor &tensor) {
            trace->add(Step::write, current_stream_number(), tensor, function.name());
        });
    }
}

}  // namespace

StreamTrace::Block &StreamTrace::block(const void *data) {
    auto found = blocks.find(data);
    if (found == blocks.end()) found = blocks.emplace(data, Block{++last_block, 0}).first;
    return found->second;
}

void StreamTrace::append(Step step, int64_t stream, int64_t object, const char *name) {
    steps.push_back({step, thread_number, stream, object, name});
}

void StreamTrace::add(Step step, int64_t stream, int64_t event) {
    std::lock_guard lock(mutex);
    append(step, stream, event, "");
}

void StreamTrace::add(Step step, int64_t stream, const at::Tensor &tensor, const char *name) {
    if (!tensor.has_storage() || tensor.numel() == 0) return;
    std::lock_guard lock(mutex);
    append(step, stream, block(tensor.storage().data()).number, name);
}

int64_t StreamTrace::add_exchange(
    int64_t stream, const std::vector<at::Tensor> &reads, const std::vector<at::Tensor> &writes, const char *name) {
    auto start = new_event_number(), end = new_event_number();
    add(Step::record, current_stream_number(), start);
    add(Step::wait, stream, start);
    for (const auto &tensor : reads) add(Step::read, stream, tensor, name);
    for (const auto &tensor : writes) add(Step::write, stream, tensor, name);
    add(Step::record, stream, end);
    return end;
}

void StreamTrace::add_synchronization() {
    auto event = new_event_number();
    add(Step::record, current_stream_number(), event);
    add(Step::synchronize, current_stream_number(), event);
}

void StreamTrace::add_allocation(const void *data) {
    std::lock_guard lock(mutex);
    Block block{++last_block, current_stream_number()};
    blocks.insert_or_assign(data, block);
    append(Step::allocate, block.stream, block.number, "allocation");
}

void StreamTrace::add_free(const void *data) {
    std::lock_guard lock(mutex);
    auto found = blocks.find(data);
    if (found == blocks.end()) return;
    append(Step::free, found->second.stream, found->second.number, "release");
    blocks.erase(found);
}

std::vector<StreamTrace::Entry> StreamTrace::entries() {
    std::lock_guard lock(mutex);
    return steps;
}

}  // namespace contraflow

int ct_trace_new(ct_trace **result) {
    return guarded([&] { *result = new ct_trace{std::make_shared<StreamTrace>()}; });
}

void ct_trace_free(ct_trace *trace) { delete trace; }

int ct_trace_enter(const ct_trace *shared) {
    return guarded([&] {
        TORCH_CHECK(!trace, "a trace of this thread's streams is already recorded");
        trace = shared->value;
        observer = at::addThreadLocalCallback(at::RecordFunctionCallback(&begin, &end)
                                                  .needsInputs(true)
                                                  .needsOutputs(true)
                                                  .scopes({at::RecordScope::FUNCTION}));
    });
}

int ct_trace_leave(void) {
    return guarded([&] {
        TORCH_CHECK(trace, "no trace of this thread's streams is recorded");
        trace.reset();
        at::removeCallback(observer);
    });
}

int ct_trace_visit(const ct_trace *trace, ct_step_visitor visit, void *context) {
    return guarded([&] {
        for (const auto &entry : trace->value->entries()) {
            visit(
                context, static_cast<int32_t>(entry.step), entry.thread, entry.stream, entry.object, entry.name);
        }
    });
}
