// A c10d backend for ranks that are threads of one process and share a device.
#pragma once

#include <torch/csrc/distributed/c10d/Backend.hpp>

#include <map>
#include <vector>

#include "Clock.h"
#include "Mailbox.h"

namespace contraflow {

/// A value to receive: its address, and the tensor that takes it, which is undefined for a signal.
struct ThreadPart {
    Mailbox::Address address;
    at::Tensor target;
};

/// Like an exchange in shared memory, an exchange takes two copies and no message. A member that begins an exchange
/// copies what it sends on its current stream, so that the sent tensor may change after that copy. When another member
/// waits for the exchange, it copies its part on a stream of the group, which waits for the sender's copy by an event.
///
/// All members begin collectives in the same order; they may wait for them in any order. Sends and receives are matched
/// by tag, and by order within a tag. Each member is used by one thread.
class ThreadBackend final : public c10d::Backend {
   public:
    /// Waits for all members of the group `name`. `names` are the members' ranks in messages.
    ThreadBackend(const std::string &name, std::vector<int> names, int rank, std::chrono::milliseconds timeout);
    ~ThreadBackend() override;

    const std::string getBackendName() const override { return "threads"; }
    void abort() override {}

    c10::intrusive_ptr<c10d::Work> send(std::vector<at::Tensor> &tensors, int peer, int tag) override;
    c10::intrusive_ptr<c10d::Work> recv(std::vector<at::Tensor> &tensors, int peer, int tag) override;
    c10::intrusive_ptr<c10d::Work> allreduce(
        std::vector<at::Tensor> &tensors, const c10d::AllreduceOptions &options) override;
    c10::intrusive_ptr<c10d::Work> broadcast(
        std::vector<at::Tensor> &tensors, const c10d::BroadcastOptions &options) override;
    c10::intrusive_ptr<c10d::Work> _allgather_base(
        at::Tensor &output, at::Tensor &input, const c10d::AllgatherOptions &options) override;
    c10::intrusive_ptr<c10d::Work> alltoall_base(
        at::Tensor &output, at::Tensor &input, std::vector<int64_t> &output_rows, std::vector<int64_t> &input_rows,
        const c10d::AllToAllOptions &options) override;
    c10::intrusive_ptr<c10d::Work> barrier(const c10d::BarrierOptions &options) override;

   private:
    friend class ThreadWork;

    /// Copies `values` on the current stream. The result is complete after its event.
    Parcel packed(const at::Tensor &values) const;
    /// Sends a part of a packed tensor to each member, in the collective with the current number.
    void put_parts(const Parcel &whole, const std::vector<at::Tensor> &parts);
    /// Returns the work of an operation of this member.
    c10::intrusive_ptr<c10d::Work> work(
        c10d::OpType type, std::shared_ptr<ct_event> sent, at::Tensor output, std::vector<ThreadPart> parts,
        bool sums = false);
    /// Returns the work of a collective that takes a value for `targets` from each member, and counts the collective.
    c10::intrusive_ptr<c10d::Work> collective(
        c10d::OpType type, const Parcel &sent, at::Tensor output, const std::vector<at::Tensor> &targets,
        bool sums = false);

    const std::vector<int> names;
    const std::shared_ptr<Mailbox> mailbox;
    const std::chrono::milliseconds timeout;
    /// The stream on which this member copies what it receives.
    std::shared_ptr<ct_stream> stream;
    /// The number of collectives so far.
    int64_t collectives = 0;
    /// The numbers of sends and receives so far, by peer and tag.
    std::map<std::pair<int, int>, int64_t> sends, receives;
};

/// An operation that this member has begun.
class ThreadWork final : public c10d::Work {
   public:
    /// - Parameters:
    ///   - sent: The event after which what this member sends is copied; none if it only receives.
    ///   - output: The tensor of all targets.
    ///   - sums: Whether all parts are added in one target.
    ThreadWork(
        c10::intrusive_ptr<ThreadBackend> backend, c10d::OpType type, std::shared_ptr<ct_event> sent, at::Tensor output,
        std::vector<ThreadPart> parts, bool sums);

    bool isCompleted() override { return is_finished; }
    /// Waits until all parts have been sent. The current stream waits for their copies.
    bool wait(std::chrono::milliseconds timeout) override;

    /// The time at which the operation ended.
    const std::shared_ptr<Mark> end = std::make_shared<Mark>();

   private:
    const c10::intrusive_ptr<ThreadBackend> backend;
    /// The event after which the targets may be written.
    std::shared_ptr<ct_event> begin;
    std::shared_ptr<ct_event> sent;
    at::Tensor output;
    std::vector<ThreadPart> parts;
    const bool sums;
    bool is_finished = false;
};

}  // namespace contraflow
