#include "Clock.h"

#include <ATen/DeviceAccelerator.h>

#include <cmath>
#include <ctime>

using namespace contraflow;

namespace {

/// The number of reads of the calling thread's clock; -1 if the clock tells the time.
thread_local int64_t count = -1;

}  // namespace

int64_t contraflow::now() { return count >= 0 ? ++count : monotonic_now(); }

int64_t contraflow::monotonic_now() {
    timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

void Mark::record() {
    if (current_device.is_cpu()) return set(now());
    // An event without PyTorch's default flag has a time. It can be recorded again.
    if (!event) event.emplace(current_device.type(), c10::EventFlag::BACKEND_DEFAULT);
    event->record(at::accelerator::getCurrentStream(current_device.index()));
}

void Mark::synchronize() const {
    if (event) event->synchronize();
}

int64_t Mark::since(const Mark &origin) const {
    // libtorch itself refuses events that have not happened.
    if (event && origin.event) return std::llround(origin.event->elapsedTime(*event) * 1e6);
    TORCH_CHECK(
        host_time() > 0 && origin.host_time() > 0, "the time of an event is read before the event has happened");
    return host_time() - origin.host_time();
}

int64_t ct_now(void) { return now(); }
void ct_clock_count(int64_t start) { count = start; }

int ct_mark_new(ct_mark **result) {
    return guarded([&] { *result = new ct_mark; });
}

void ct_mark_free(ct_mark *mark) { delete mark; }

int ct_mark_record(ct_mark *mark) {
    return guarded([&] {
        // The point may have become that of an operation's end, which others still refer to.
        if (mark->value.use_count() > 1) mark->value = std::make_shared<Mark>();
        mark->value->record();
    });
}

int ct_mark_synchronize(const ct_mark *mark) {
    return guarded([&] { mark->value->synchronize(); });
}

int ct_mark_since(const ct_mark *mark, const ct_mark *origin, int64_t *nanoseconds) {
    return guarded([&] { *nanoseconds = mark->value->since(*origin->value); });
}
