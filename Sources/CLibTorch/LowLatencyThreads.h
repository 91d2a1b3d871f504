// Threads that are seldom busy and wanted at once: those that carry what ranks send each other.
#pragma once

#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#endif

namespace contraflow {

/// While it lives, the threads that the calling one starts have short slices of a core.
///
/// Linux from 6.12 on then lets them take the core of a thread that computes as soon as something comes, instead of when
/// that one has used up its own slice of some milliseconds; they still get no more of it than their fair share, so that it
/// needs no privilege. Elsewhere it does nothing.
class LowLatencyThreads {
#ifdef __linux__
   public:
    LowLatencyThreads() {
        has_slices = syscall(SYS_sched_getattr, 0, &before, sizeof before, 0) == 0 && before.policy == 0;
        if (!has_slices) return;
        Attributes prompt = before;
        prompt.slice = shortest;
        syscall(SYS_sched_setattr, 0, &prompt, 0);
    }

    ~LowLatencyThreads() {
        if (has_slices) syscall(SYS_sched_setattr, 0, &before, 0);
    }

    LowLatencyThreads(const LowLatencyThreads &) = delete;
    LowLatencyThreads &operator=(const LowLatencyThreads &) = delete;

   private:
    /// The shortest slice that the kernel grants, in nanoseconds.
    static constexpr uint64_t shortest = 100'000;

    /// The kernel's own layout; the C library has none.
    struct Attributes {
        uint32_t size;
        uint32_t policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t slice;
        uint64_t deadline;
        uint64_t period;
    };

    Attributes before{};
    /// Only the policy that threads have who ask for nothing knows slices; that of real time stays as it is.
    bool has_slices;
#endif
};

}  // namespace contraflow
