#include "SharedMemoryBackend.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <numeric>

namespace contraflow {

namespace {

/// The size of a cache line. Every member writes only to its own cache lines.
constexpr int64_t line = 64;
/// The longest sleep of a waiting thread before it checks whether the awaited member is still alive.
constexpr std::chrono::milliseconds nap{100};

int64_t rounded(int64_t bytes) { return (bytes + line - 1) / line * line; }

/// Sleeps while `word` has `value`, for one nap at most. The futex is not private, as other processes map the same
/// word.
void sleep_while(std::atomic<uint32_t> &word, uint32_t value) {
    timespec longest{0, std::chrono::nanoseconds(nap).count()};
    syscall(SYS_futex, &word, FUTEX_WAIT, value, &longest, nullptr, 0);
}

void wake_all(std::atomic<uint32_t> &word) { syscall(SYS_futex, &word, FUTEX_WAKE, INT32_MAX, nullptr, nullptr, 0); }

bool is_past(uint32_t counter, uint32_t number) { return static_cast<int32_t>(counter - number) > 0; }

}  // namespace

int64_t SharedMemoryBackend::region_size(int64_t members, int64_t slots, int64_t capacity) {
    int64_t head = rounded(sizeof(Member)) + rounded(slots * static_cast<int64_t>(sizeof(std::atomic<uint32_t>)));
    return head + slots * (line + rounded(members * static_cast<int64_t>(sizeof(Part))) + rounded(capacity));
}

SharedMemoryBackend::SharedMemoryBackend(
    std::vector<at::Tensor> all, std::vector<int> names, int rank, int64_t slots, int64_t capacity,
    std::chrono::milliseconds timeout)
    : Backend(rank, static_cast<int>(all.size())),
      regions(std::move(all)),
      names(std::move(names)),
      processes(regions.size()),
      slots(static_cast<uint32_t>(slots)),
      capacity(capacity),
      timeout(timeout) {
    static_assert(std::atomic<uint32_t>::is_always_lock_free, "several processes share these atomics");
    for (const auto &region : regions) {
        TORCH_CHECK(
            region.is_cpu() && region.is_contiguous() &&
                static_cast<int64_t>(region.nbytes()) >= region_size(size_, slots, capacity),
            "a region is too small for ", slots, " exchanges of ", capacity, " bytes");
    }
    member(rank).process.store(getpid());
}

SharedMemoryBackend::~SharedMemoryBackend() {
    Member &own = member(rank_);
    own.has_left.store(1);
    notify(own);
}

SharedMemoryBackend::Member &SharedMemoryBackend::member(int rank) const {
    return *reinterpret_cast<Member *>(regions[rank].data_ptr());
}

std::atomic<uint32_t> &SharedMemoryBackend::finished(int rank, uint32_t number) const {
    auto base = static_cast<char *>(regions[rank].data_ptr()) + rounded(sizeof(Member));
    return reinterpret_cast<std::atomic<uint32_t> *>(base)[number % slots];
}

int64_t &SharedMemoryBackend::time(int rank, uint32_t number) const {
    auto head = rounded(sizeof(Member)) + rounded(slots * sizeof(std::atomic<uint32_t>));
    auto slot = line + rounded(size_ * sizeof(Part)) + rounded(capacity);
    auto base = static_cast<char *>(regions[rank].data_ptr()) + head + (number % slots) * slot;
    return *reinterpret_cast<int64_t *>(base);
}

SharedMemoryBackend::Part *SharedMemoryBackend::parts(int rank, uint32_t number) const {
    return reinterpret_cast<Part *>(reinterpret_cast<char *>(&time(rank, number)) + line);
}

char *SharedMemoryBackend::bytes(int rank, uint32_t number) const {
    return reinterpret_cast<char *>(parts(rank, number)) + rounded(size_ * sizeof(Part));
}

void SharedMemoryBackend::notify(Member &own) {
    // Either a thread about to sleep sees the new event, or this thread sees the sleeper's count.
    own.event.fetch_add(1);
    if (own.sleepers.load() > 0) wake_all(own.event);
}

template <typename Condition>
void SharedMemoryBackend::wait(int rank, Condition &&holds) {
    if (holds()) return;
    Member &other = member(rank);
    struct Sleeper {
        std::atomic<uint32_t> &count;
        explicit Sleeper(std::atomic<uint32_t> &count) : count(count) { count.fetch_add(1); }
        ~Sleeper() { count.fetch_sub(1); }
    } sleeper(other.sleepers);
    auto deadline = std::chrono::steady_clock::now() + timeout;
    while (true) {
        auto seen = other.event.load();
        if (holds()) return;
        auto process = other.process.load();
        if (other.has_left.load() || (process > 0 && processes[rank].has_ended(process))) {
            // The member may have finished its part before it left.
            if (holds()) return;
            TORCH_CHECK(false, "rank ", names[rank], " has left");
        }
        TORCH_CHECK(
            std::chrono::steady_clock::now() < deadline, "rank ", names[rank], " did not arrive within ",
            timeout.count(), " ms");
        sleep_while(other.event, seen);
    }
}

c10::intrusive_ptr<c10d::Work> SharedMemoryBackend::begin(
    c10d::OpType type, const at::Tensor &output, const at::Tensor &input, std::vector<Part> taken,
    const std::vector<Part> &given) {
    auto size = static_cast<int64_t>(input.nbytes());
    TORCH_CHECK(
        input.is_cpu() && input.is_contiguous() && output.is_cpu() && output.is_contiguous(),
        "shared memory exchanges need contiguous CPU tensors");
    TORCH_CHECK(size <= capacity, "an exchange of ", size, " bytes exceeds the capacity of ", capacity, " bytes");
    auto number = next++;
    for (int rank = 0; rank < size_ && number >= slots; ++rank) {
        // Another member may drop an exchange, and so finish it, before this member begins it.
        auto has_room = [&] { return is_past(finished(rank, number).load(), number - slots); };
        TORCH_CHECK(
            rank != rank_ || has_room(), "the exchange started ", slots, " exchanges ago has not been waited for");
        wait(rank, has_room);
    }
    auto from = static_cast<const char *>(input.data_ptr());
    std::copy(given.begin(), given.end(), parts(rank_, number));
    std::memcpy(bytes(rank_, number), from, size);
    time(rank_, number) = now();
    Member &own = member(rank_);
    own.begun.store(number + 1);
    notify(own);
    TORCH_CHECK(
        given[rank_].size() == taken[rank_].size(), "a member sends itself ", given[rank_].size(),
        " bytes but expects ", taken[rank_].size());
    std::memcpy(
        static_cast<char *>(output.data_ptr()) + taken[rank_].begin, from + given[rank_].begin, given[rank_].size());
    return c10::make_intrusive<SharedWork>(
        c10::intrusive_ptr<SharedMemoryBackend>::unsafe_reclaim_from_nonowning(this), type, number, output,
        std::move(taken));
}

c10::intrusive_ptr<c10d::Work> SharedMemoryBackend::_allgather_base(
    at::Tensor &output, at::Tensor &input, const c10d::AllgatherOptions &) {
    auto size = static_cast<int64_t>(input.nbytes());
    TORCH_CHECK(
        static_cast<int64_t>(output.nbytes()) == size * size_, "the output of an all-gather has ", output.nbytes(),
        " bytes instead of ", size * size_);
    std::vector<Part> taken;
    for (int rank = 0; rank < size_; ++rank) taken.push_back({rank * size, (rank + 1) * size});
    return begin(c10d::OpType::_ALLGATHER_BASE, output, input, std::move(taken), std::vector<Part>(size_, {0, size}));
}

c10::intrusive_ptr<c10d::Work> SharedMemoryBackend::alltoall_base(
    at::Tensor &output, at::Tensor &input, std::vector<int64_t> &output_rows, std::vector<int64_t> &input_rows,
    const c10d::AllToAllOptions &) {
    auto parts = [&](const at::Tensor &tensor, const std::vector<int64_t> &rows) {
        TORCH_CHECK(static_cast<int>(rows.size()) == size_, "an all-to-all needs one count per rank");
        auto count = std::accumulate(rows.begin(), rows.end(), int64_t{0});
        TORCH_CHECK(count == tensor.size(0), "counts add up to ", count, " rows, but the tensor has ", tensor.size(0));
        auto row = count == 0 ? 0 : static_cast<int64_t>(tensor.nbytes()) / count;
        std::vector<Part> result;
        int64_t begin = 0;
        for (auto own : rows) {
            result.push_back({begin, begin + own * row});
            begin += own * row;
        }
        return result;
    };
    return begin(c10d::OpType::ALLTOALL_BASE, output, input, parts(output, output_rows), parts(input, input_rows));
}

SharedWork::SharedWork(
    c10::intrusive_ptr<SharedMemoryBackend> backend, c10d::OpType type, uint32_t number, at::Tensor output,
    std::vector<SharedMemoryBackend::Part> taken)
    : Work(backend->getRank(), type),
      backend(std::move(backend)),
      number(number),
      output(std::move(output)),
      taken(std::move(taken)) {}

SharedWork::~SharedWork() { finish(); }

bool SharedWork::wait(std::chrono::milliseconds) {
    if (is_finished) return true;
    int64_t last = 0;
    for (int rank = 0; rank < backend->getSize(); ++rank) {
        if (rank == backend->getRank()) continue;
        backend->wait(rank, [&] { return is_past(backend->member(rank).begun.load(), number); });
        auto part = backend->parts(rank, number)[backend->getRank()];
        TORCH_CHECK(
            part.size() == taken[rank].size(), "rank ", backend->names[rank], " sends ", part.size(), " bytes, but ",
            taken[rank].size(), " are expected");
        std::memcpy(
            static_cast<char *>(output.data_ptr()) + taken[rank].begin, backend->bytes(rank, number) + part.begin,
            part.size());
        last = std::max(last, backend->time(rank, number));
    }
    end->set(last);
    finish();
    return true;
}

void SharedWork::finish() {
    if (is_finished) return;
    is_finished = true;
    output.reset();
    backend->finished(backend->getRank(), number).store(number + 1);
    backend->notify(backend->member(backend->getRank()));
}

}  // namespace contraflow
