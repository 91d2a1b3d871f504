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
class PromptThreads {
#ifdef __linux__
   public:
    PromptThreads() { set_slice(shortest); }
    ~PromptThreads() { set_slice(0); }

   private:
    /// The shortest slice that the kernel grants, in nanoseconds; 0 stands for its own choice.
    static constexpr uint64_t shortest = 100'000;

    /// The kernel's own layout; the C library has none.
    struct Attributes {
        uint32_t size;
        uint32_t policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime;
        uint64_t deadline;
        uint64_t period;
    };

    static void set_slice(uint64_t nanoseconds) {
        Attributes attributes{};
        if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
        // Only the policy of every thread that asks for nothing has slices; that of real time stays as it is.
        if (attributes.policy != 0) return;
        attributes.runtime = nanoseconds;
        syscall(SYS_sched_setattr, 0, &attributes, 0);
    }
#endif
};

}  // namespace contraflow
