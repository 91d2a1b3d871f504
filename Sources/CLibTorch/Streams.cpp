#include "Streams.h"

#include <ATen/DeviceAccelerator.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <atomic>

#include "StreamTrace.h"

using namespace contraflow;

namespace {

std::atomic<int64_t> last_stream{0}, last_event{0};
thread_local int64_t current_number = 0;

/// The current stream of the calling thread's device; none on the CPU.
std::optional<c10::Stream> current_value() {
    if (current_device.is_cpu()) return std::nullopt;
    return at::accelerator::getCurrentStream(current_device.index());
}

}  // namespace

int64_t contraflow::new_stream_number() { return ++last_stream; }
int64_t contraflow::new_event_number() { return ++last_event; }
int64_t contraflow::current_stream_number() { return current_number; }

int ct_stream_new(int32_t is_urgent, ct_stream **result) {
    return guarded([&] {
        std::optional<c10::Stream> value;
        if (!current_device.is_cpu()) {
            c10::impl::VirtualGuardImpl device(current_device.type());
            value = device.getStreamFromGlobalPool(current_device, is_urgent != 0);
        }
        *result = new ct_stream{new_stream_number(), value};
    });
}

int ct_stream_current(ct_stream **result) {
    return guarded([&] { *result = new ct_stream{current_number, current_value()}; });
}

void ct_stream_free(ct_stream *stream) { delete stream; }

int ct_stream_enter(const ct_stream *stream) {
    return guarded([&] {
        if (stream->value && !current_device.is_cpu()) at::accelerator::setCurrentStream(*stream->value);
        current_number = stream->number;
    });
}

int ct_stream_keep(const ct_stream *stream, ct_in tensor) {
    return guarded([&] {
        if (stream->value && !tensor->is_cpu()) tensor->record_stream(*stream->value);
        if (trace) trace->add(Step::keep, stream->number, *tensor, "keep");
    });
}

int ct_event_record(ct_event **result) {
    return guarded([&] {
        std::optional<c10::Event> event;
        if (auto stream = current_value()) event.emplace(stream->device_type()).record(*stream);
        *result = new ct_event{new_event_number(), std::move(event)};
        if (trace) trace->add(Step::record, current_number, (*result)->number);
    });
}

int ct_event_wait(const ct_event *event) {
    return guarded([&] {
        if (event->value) event->value->block(*current_value());
        if (trace) trace->add(Step::wait, current_number, event->number);
    });
}

void ct_event_free(ct_event *event) { delete event; }
