#include "ThreadBackend.h"

#include <algorithm>
#include <numeric>

namespace contraflow {

namespace {

/// The tag of collectives. Those of sends and receives are not negative.
constexpr int64_t collective_tag = -1;

void require(int status) { TORCH_CHECK(status == 0, ct_last_error()); }

std::shared_ptr<ct_event> recorded() {
    ct_event *event = nullptr;
    require(ct_event_record(&event));
    return {event, ct_event_free};
}

/// Makes a stream current while an object of this class exists.
class CurrentStream final {
   public:
    explicit CurrentStream(const ct_stream *stream) {
        require(ct_stream_current(&before));
        require(ct_stream_enter(stream));
    }
    ~CurrentStream() {
        ct_stream_enter(before);
        ct_stream_free(before);
    }
    CurrentStream(const CurrentStream &) = delete;
    CurrentStream &operator=(const CurrentStream &) = delete;

   private:
    ct_stream *before = nullptr;
};

/// Has the memory of `values` reused only after the work that `stream` has when the memory is freed.
void keep(const at::Tensor &values, const ct_stream *stream) {
    ct_tensor handle{values};
    require(ct_stream_keep(stream, &handle));
}

/// The rows of `tensor` that belong to each member.
std::vector<at::Tensor> pieces(const at::Tensor &tensor, const std::vector<int64_t> &rows) {
    auto count = std::accumulate(rows.begin(), rows.end(), int64_t{0});
    TORCH_CHECK(count == tensor.size(0), "counts add up to ", count, " rows, but the tensor has ", tensor.size(0));
    return tensor.split_with_sizes(rows);
}

}  // namespace

ThreadBackend::ThreadBackend(
    const std::string &name, std::vector<int> all, int rank, std::chrono::milliseconds timeout)
    : Backend(rank, static_cast<int>(all.size())),
      names(std::move(all)),
      mailbox(Mailbox::join(name, size_, timeout)),
      timeout(timeout) {
    ct_stream *made = nullptr;
    require(ct_stream_new(/*is_urgent=*/1, &made));
    stream = {made, ct_stream_free};
}

ThreadBackend::~ThreadBackend() { mailbox->leave(rank_); }

Parcel ThreadBackend::packed(const at::Tensor &values) const {
    c10::AutoGradMode guard(false);
    auto copy = values.detach().clone(at::MemoryFormat::Contiguous);
    return {copy, recorded(), now()};
}

void ThreadBackend::put_parts(const Parcel &whole, const std::vector<at::Tensor> &parts) {
    for (int member = 0; member < size_; ++member) {
        mailbox->put({rank_, member, collective_tag, collectives}, {parts[member], whole.complete, whole.time});
    }
}

c10::intrusive_ptr<c10d::Work> ThreadBackend::work(
    c10d::OpType type, std::shared_ptr<ct_event> sent, at::Tensor output, std::vector<ThreadPart> parts, bool sums) {
    return c10::make_intrusive<ThreadWork>(
        c10::intrusive_ptr<ThreadBackend>::unsafe_reclaim_from_nonowning(this), type, std::move(sent), std::move(output),
        std::move(parts), sums);
}

c10::intrusive_ptr<c10d::Work> ThreadBackend::collective(
    c10d::OpType type, const Parcel &sent, at::Tensor output, const std::vector<at::Tensor> &targets, bool sums) {
    std::vector<ThreadPart> parts;
    for (int member = 0; member < size_; ++member) {
        parts.push_back({{member, rank_, collective_tag, collectives}, targets[member]});
    }
    collectives++;
    return work(type, sent.complete, std::move(output), std::move(parts), sums);
}

c10::intrusive_ptr<c10d::Work> ThreadBackend::send(std::vector<at::Tensor> &tensors, int peer, int tag) {
    auto parcel = packed(tensors[0]);
    auto sent = parcel.complete;
    mailbox->put({rank_, peer, tag, sends[{peer, tag}]++}, std::move(parcel));
    return work(c10d::OpType::SEND, std::move(sent), at::Tensor(), {});
}

c10::intrusive_ptr<c10d::Work> ThreadBackend::recv(std::vector<at::Tensor> &tensors, int peer, int tag) {
    return work(
        c10d::OpType::RECV, nullptr, tensors[0], {{{peer, rank_, tag, receives[{peer, tag}]++}, tensors[0]}});
}

c10::intrusive_ptr<c10d::Work> ThreadBackend::allreduce(
    std::vector<at::Tensor> &tensors, const c10d::AllreduceOptions &) {
    auto own = packed(tensors[0]);
    put_parts(own, std::vector<at::Tensor>(size_, own.values));
    return collective(
        c10d::OpType::ALLREDUCE, own, tensors[0], std::vector<at::Tensor>(size_, tensors[0]), /*sums=*/true);
}

c10::intrusive_ptr<c10d::Work> ThreadBackend::broadcast(
    std::vector<at::Tensor> &tensors, const c10d::BroadcastOptions &options) {
    auto root = static_cast<int>(options.rootRank);
    Parcel own;
    if (rank_ == root) {
        own = packed(tensors[0]);
        put_parts(own, std::vector<at::Tensor>(size_, own.values));
    }
    return work(
        c10d::OpType::BROADCAST, own.complete, tensors[0],
        {{{root, rank_, collective_tag, collectives++}, tensors[0]}});
}

c10::intrusive_ptr<c10d::Work> ThreadBackend::_allgather_base(
    at::Tensor &output, at::Tensor &input, const c10d::AllgatherOptions &) {
    TORCH_CHECK(
        output.numel() == input.numel() * size_, "the output of an all-gather has ", output.numel(),
        " elements instead of ", input.numel() * size_);
    auto own = packed(input);
    put_parts(own, std::vector<at::Tensor>(size_, own.values.reshape({-1})));
    return collective(
        c10d::OpType::_ALLGATHER_BASE, own, output,
        pieces(output.view({-1}), std::vector<int64_t>(size_, input.numel())));
}

c10::intrusive_ptr<c10d::Work> ThreadBackend::alltoall_base(
    at::Tensor &output, at::Tensor &input, std::vector<int64_t> &output_rows, std::vector<int64_t> &input_rows,
    const c10d::AllToAllOptions &) {
    auto own = packed(input);
    put_parts(own, pieces(own.values, input_rows));
    return collective(c10d::OpType::ALLTOALL_BASE, own, output, pieces(output, output_rows));
}

c10::intrusive_ptr<c10d::Work> ThreadBackend::barrier(const c10d::BarrierOptions &) {
    Parcel signal{at::Tensor(), nullptr, now()};
    put_parts(signal, std::vector<at::Tensor>(size_));
    return collective(c10d::OpType::BARRIER, signal, at::Tensor(), std::vector<at::Tensor>(size_));
}

ThreadWork::ThreadWork(
    c10::intrusive_ptr<ThreadBackend> backend, c10d::OpType type, std::shared_ptr<ct_event> sent, at::Tensor output,
    std::vector<ThreadPart> parts, bool sums)
    : Work(backend->getRank(), type),
      backend(std::move(backend)),
      begin(recorded()),
      sent(std::move(sent)),
      output(std::move(output)),
      parts(std::move(parts)),
      sums(sums) {}

bool ThreadWork::wait(std::chrono::milliseconds) {
    if (is_finished) return true;
    is_finished = true;
    if (sent) require(ct_event_wait(sent.get()));
    if (parts.empty()) return true;
    std::shared_ptr<ct_event> done;
    {
        c10::AutoGradMode guard(false);
        const ct_stream *stream = backend->stream.get();
        CurrentStream current(stream);
        require(ct_event_wait(begin.get()));
        int64_t last = 0;
        for (size_t i = 0; i < parts.size(); i++) {
            auto sender = backend->names[std::get<0>(parts[i].address)];
            auto parcel = backend->mailbox->take(parts[i].address, sender, backend->timeout);
            last = std::max(last, parcel.time);
            const auto &target = parts[i].target;
            TORCH_CHECK(
                target.defined() == parcel.values.defined() &&
                    (!target.defined() || target.numel() == parcel.values.numel()),
                "rank ", sender, " sends a tensor of another size than expected");
            if (!target.defined() || target.numel() == 0) continue;
            require(ct_event_wait(parcel.complete.get()));
            auto values = parcel.values.view(target.sizes());
            if (sums && i > 0) {
                target.add_(values);
            } else {
                target.copy_(values);
            }
            keep(parcel.values, stream);
        }
        if (output.defined() && !output.is_cpu()) {
            end->record();
        } else {
            end->set(last);
        }
        if (output.defined()) keep(output, stream);
        done = recorded();
    }
    require(ct_event_wait(done.get()));
    output.reset();
    parts.clear();
    return true;
}

}  // namespace contraflow
