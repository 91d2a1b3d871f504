// Streams and events. On the CPU they are numbers without effect, which the trace of a thread refers to.
#pragma once

#include <c10/core/Event.h>
#include <c10/core/Stream.h>

#include <optional>

#include "Guard.h"

struct ct_stream {
    int64_t number;
    /// The device's stream; none on the CPU.
    std::optional<c10::Stream> value;
};

struct ct_event {
    int64_t number;
    /// The device's event; none on the CPU.
    std::optional<c10::Event> value;
};

namespace contraflow {

/// Returns the number of a new stream. The number 0 is that of a thread's first stream.
int64_t new_stream_number();

/// Returns the number of a new event.
int64_t new_event_number();

/// Returns the number of the calling thread's current stream.
int64_t current_stream_number();

}  // namespace contraflow
