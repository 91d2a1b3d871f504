// A c10d backend for processes or threads of one machine, which exchange tensors in memory that all of them map.
#pragma once

#include <torch/csrc/distributed/c10d/Backend.hpp>

#include <atomic>
#include <vector>

#include "Clock.h"
#include "PeerProcess.h"

namespace contraflow {

/// An exchange takes two copies and no message. A member that begins an exchange copies the bytes it sends into its own
/// region. When another member waits for the exchange, it copies its part from that region. All members begin exchanges
/// in the same order; they may finish them in any order.
///
/// A region has room for `slots` exchanges of at most `capacity` bytes per member. A member that begins an exchange
/// waits until all others have finished the previous exchange in the same slot. Each member is used by one thread.
class SharedMemoryBackend final : public c10d::Backend {
   public:
    /// Takes the regions of all members, in rank order. Each region has at least region_size() bytes, all zero. `names`
    /// are the members' ranks in messages.
    SharedMemoryBackend(
        std::vector<at::Tensor> regions, std::vector<int> names, int rank, int64_t slots, int64_t capacity,
        std::chrono::milliseconds timeout);
    ~SharedMemoryBackend() override;

    static int64_t region_size(int64_t members, int64_t slots, int64_t capacity);

    const std::string getBackendName() const override { return "shared memory"; }

    c10::intrusive_ptr<c10d::Work> _allgather_base(
        at::Tensor &output, at::Tensor &input, const c10d::AllgatherOptions &options) override;
    c10::intrusive_ptr<c10d::Work> alltoall_base(
        at::Tensor &output, at::Tensor &input, std::vector<int64_t> &output_rows, std::vector<int64_t> &input_rows,
        const c10d::AllToAllOptions &options) override;

   private:
    friend class SharedWork;

    /// The header of a region.
    struct Member {
        /// Changes whenever the member changes a value that another member may wait for.
        std::atomic<uint32_t> event;
        /// The number of threads that sleep until `event` changes.
        std::atomic<uint32_t> sleepers;
        /// The number of exchanges that the member has begun.
        std::atomic<uint32_t> begun;
        std::atomic<uint32_t> has_left;
        std::atomic<int32_t> process;
    };

    /// A range of a tensor's bytes, from `begin` up to `end`.
    struct Part {
        int64_t begin, end;
        int64_t size() const { return end - begin; }
    };

    Member &member(int rank) const;
    /// 1 plus the number of the last exchange that member `rank` has finished in the slot of exchange `number`.
    std::atomic<uint32_t> &finished(int rank, uint32_t number) const;
    /// The part of the bytes sent by member `rank` that each member receives.
    Part *parts(int rank, uint32_t number) const;
    /// The time at which the bytes sent by member `rank` were in its region, in nanoseconds of its clock.
    int64_t &time(int rank, uint32_t number) const;
    /// The bytes sent by member `rank`.
    char *bytes(int rank, uint32_t number) const;

    c10::intrusive_ptr<c10d::Work> begin(
        c10d::OpType type, const at::Tensor &output, const at::Tensor &input, std::vector<Part> taken,
        const std::vector<Part> &given);
    /// Wakes the threads that wait for this member, after it has changed its header.
    void notify(Member &own);
    /// Waits until `holds` returns true. The result of `holds` depends on values that member `rank` writes.
    template <typename Condition>
    void wait(int rank, Condition &&holds);

    const std::vector<at::Tensor> regions;
    const std::vector<int> names;
    /// The processes of all members. Only the member's thread asks whether they have ended.
    std::vector<PeerProcess> processes;
    const uint32_t slots;
    const int64_t capacity;
    const std::chrono::milliseconds timeout;
    uint32_t next = 0;
};

/// An exchange that this member has begun.
class SharedWork final : public c10d::Work {
   public:
    SharedWork(
        c10::intrusive_ptr<SharedMemoryBackend> backend, c10d::OpType type, uint32_t number, at::Tensor output,
        std::vector<SharedMemoryBackend::Part> taken);
    ~SharedWork() override;

    bool isCompleted() override { return is_finished; }
    bool wait(std::chrono::milliseconds timeout) override;

    /// The time at which the last member's part was available; known after wait().
    const std::shared_ptr<Mark> end = std::make_shared<Mark>();

   private:
    /// Marks the exchange as finished, so that the other members may reuse its slot.
    void finish();

    const c10::intrusive_ptr<SharedMemoryBackend> backend;
    const uint32_t number;
    at::Tensor output;
    const std::vector<SharedMemoryBackend::Part> taken;
    bool is_finished = false;
};

}  // namespace contraflow
