// The process of another member of a group.
#pragma once

#include <ProcessDescriptors.h>

namespace contraflow {

/// Tells whether a process has ended. One that its parent has not reaped has ended too.
class PeerProcess final {
   public:
    PeerProcess() = default;
    PeerProcess(const PeerProcess &) = delete;
    PeerProcess &operator=(const PeerProcess &) = delete;
    ~PeerProcess() {
        if (descriptor >= 0) close(descriptor);
    }

    /// Whether `process` has ended. The process is the same in all calls.
    bool has_ended(pid_t process) {
        if (!is_open) {
            descriptor = cpd_open_process(process);
            if (descriptor < 0 && errno == ESRCH) return true;
            is_open = true;
        }
        return cpd_has_ended(process, descriptor) != 0;
    }

   private:
    bool is_open = false;
    int descriptor = -1;
};

}  // namespace contraflow
