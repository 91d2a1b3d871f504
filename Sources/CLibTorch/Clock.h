// The host's clock, and points in time on the streams of a device.
#pragma once

#include <c10/core/Event.h>

#include <atomic>
#include <memory>
#include <optional>

#include "Guard.h"

namespace contraflow {

/// Nanoseconds on the machine's monotonic clock.
int64_t monotonic_now();

/// Nanoseconds on the calling thread's clock: the machine's monotonic clock, or a count of reads; see ct_clock_count().
int64_t now();

/// The time at which a device's stream reaches a point. On the CPU, a time of the host's clock.
class Mark final {
   public:
    /// Puts the point behind the work that the current stream has so far.
    void record();
    /// Puts the point at a time of the host's clock.
    void set(int64_t value) { time.store(value); }
    /// The time of the host's clock; 0 if it is not known, or if the point is on a device.
    int64_t host_time() const { return time.load(); }
    /// Waits until the time is known.
    void synchronize() const;
    /// The nanoseconds from `origin` to this point. Fails if one of the two times is not known.
    int64_t since(const Mark &origin) const;

   private:
    /// The event with a time; none on the CPU.
    std::optional<c10::Event> event;
    std::atomic<int64_t> time{0};
};

}  // namespace contraflow

struct ct_mark {
    std::shared_ptr<contraflow::Mark> value = std::make_shared<contraflow::Mark>();
};
