// Exchanges among members of one machine, in memory that all of them map.
#pragma once

#include <torch/csrc/distributed/c10d/Backend.hpp>

#include <atomic>
#include <vector>

namespace contraflow {

/// Nanoseconds on the machine's monotonic clock.
int64_t monotonic_now();

/// An exchange takes two copies and no message: a member that begins it leaves what it sends in its own region, and each
/// other takes its part from there when it waits. Members begin exchanges in one order; they may finish them in any.
///
/// A region has room for `slots` exchanges of at most `capacity` bytes a member. Whoever begins one waits until all others
/// have finished the one that lay there before. Members belong to one thread each.
class SharedMemoryBackend final : public c10d::Backend {
   public:
    /// Takes everyone's region of zeros, in the order of ranks, of region_size() bytes at least.
    SharedMemoryBackend(
        std::vector<at::Tensor> regions, int rank, int64_t slots, int64_t capacity, std::chrono::milliseconds timeout);
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

    /// Where a region begins.
    struct Member {
        /// Changes with everything that somebody may wait for.
        std::atomic<uint32_t> event;
        /// How many sleep until it changes.
        std::atomic<uint32_t> sleepers;
        /// How many exchanges the member has begun.
        std::atomic<uint32_t> begun;
        std::atomic<uint32_t> has_left;
        std::atomic<int32_t> process;
    };

    /// Bytes of a tensor, from `begin` to `end`.
    struct Part {
        int64_t begin, end;
        int64_t size() const { return end - begin; }
    };

    Member &member(int rank) const;
    /// By slot, the last exchange there that a member has finished, plus 1.
    std::atomic<uint32_t> &finished(int rank, uint32_t number) const;
    /// What each member gets of an exchange, and when it was there; the bytes follow.
    Part *parts(int rank, uint32_t number) const;
    int64_t &time(int rank, uint32_t number) const;
    char *bytes(int rank, uint32_t number) const;

    c10::intrusive_ptr<c10d::Work> begin(
        c10d::OpType type, const at::Tensor &output, const at::Tensor &input, std::vector<Part> taken,
        const std::vector<Part> &given);
    /// Everything that member `rank` has done is there for those who wait for it.
    void tell(Member &own);
    template <typename Condition>
    void wait(int rank, Condition &&holds);

    const std::vector<at::Tensor> regions;
    const uint32_t slots;
    const int64_t capacity;
    const std::chrono::milliseconds timeout;
    uint32_t next = 0;
};

/// An exchange that has begun.
class SharedWork final : public c10d::Work {
   public:
    SharedWork(
        c10::intrusive_ptr<SharedMemoryBackend> backend, c10d::OpType type, uint32_t number, at::Tensor output,
        std::vector<SharedMemoryBackend::Part> taken);
    ~SharedWork() override;

    bool isCompleted() override { return is_finished; }
    bool wait(std::chrono::milliseconds timeout) override;

    /// When the last member's part was there, in nanoseconds of the monotonic clock; 0 until it has been waited for.
    const std::shared_ptr<std::atomic<int64_t>> end = std::make_shared<std::atomic<int64_t>>(0);

   private:
    void finish();

    const c10::intrusive_ptr<SharedMemoryBackend> backend;
    const uint32_t number;
    at::Tensor output;
    const std::vector<SharedMemoryBackend::Part> taken;
    bool is_finished = false;
};

}  // namespace contraflow
