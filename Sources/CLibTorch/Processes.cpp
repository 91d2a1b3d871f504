#include <torch/csrc/distributed/c10d/FileStore.hpp>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <c10/util/error.h>
#include <dlfcn.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

#include "Guard.h"
#include "NCCLPlugin.h"
#include "SharedMemoryBackend.h"
#include "Streams.h"
#include "StreamTrace.h"
#include "ThreadBackend.h"

using namespace contraflow;

struct ct_store {
    c10::intrusive_ptr<c10d::Store> value;
};

struct ct_group {
    c10::intrusive_ptr<c10d::Backend> value;
    // The device of the tensors that the group exchanges.
    at::Device device;
    // The stream on which the group exchanges them. Each communicator has its own.
    int64_t stream = new_stream_number();
};

struct ct_work {
    c10::intrusive_ptr<c10d::Work> value;
    // The time at which the operation completed. Null if the backend does not report it.
    std::shared_ptr<Mark> end;
    // The event of the operation's end in the trace of the thread that started it; 0 without a trace.
    int64_t event = 0;
};

namespace {

// Adds an operation of `group` to the trace of the calling thread. It begins after the work of the current stream so
// far, and the stream that waits for it continues after its end. An operation among threads is traced by its copies.
void trace_operation(
    ct_group *group, ct_work *work, const std::vector<at::Tensor> &reads, const std::vector<at::Tensor> &writes,
    const char *name) {
    if (dynamic_cast<ThreadWork *>(work->value.get())) return;
    if (trace) work->event = trace->add_exchange(group->stream, reads, writes, name);
}

// For the c10d operations that take a list of tensors.
template <typename Body>
int starting(
    ct_group *group, ct_in tensor, bool writes, const char *name, ct_work **result, Body &&body) noexcept {
    return guarded([&] {
        std::vector<at::Tensor> tensors{*tensor};
        *result = new ct_work{body(tensors), nullptr};
        if (writes) {
            trace_operation(group, *result, {}, {*tensor}, name);
        } else {
            trace_operation(group, *result, {*tensor}, {}, name);
        }
    });
}

// Records the time at which a collective completes. Exchanges in shared memory and among threads record it themselves.
// For other collectives on the CPU, a callback of their future does. On an accelerator the future completes when the
// operation is enqueued, so no time is recorded; see ct_mark_end().
template <typename Body>
int starting_collective(
    ct_group *group, const std::vector<at::Tensor> &reads, const std::vector<at::Tensor> &writes, const char *name,
    ct_work **result, Body &&body) noexcept {
    return guarded([&] {
        auto work = body();
        std::shared_ptr<Mark> end;
        if (auto shared = dynamic_cast<SharedWork *>(work.get())) {
            end = shared->end;
        } else if (auto thread = dynamic_cast<ThreadWork *>(work.get())) {
            end = thread->end;
        } else if (group->device.is_cpu()) {
            end = std::make_shared<Mark>();
            work->getFuture()->addCallback([end](c10::ivalue::Future &) { end->set(monotonic_now()); });
        }
        *result = new ct_work{std::move(work), std::move(end)};
        trace_operation(group, *result, reads, writes, name);
    });
}

// NCCL needs CUDA's headers to build and CUDA's libraries to load. It is therefore a separate library beside the
// program, found through the program's RPATH. See NCCLPlugin.h.
NCCLMaker *nccl_maker() {
    static const auto library = dlopen(CONTRAFLOW_NCCL_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    static const auto maker =
        library ? reinterpret_cast<NCCLMaker *>(dlsym(library, CONTRAFLOW_NCCL_FUNCTION)) : nullptr;
    static const std::string refusal = maker ? "" : dlerror();
    TORCH_CHECK(maker, refusal);
    return maker;
}

/// While an object of this class exists, threads that the calling thread starts get short scheduling slices.
///
/// From version 6.12 on, Linux lets a woken thread with a short slice preempt a computing thread at once, instead of
/// after that thread's slice of a few milliseconds. The woken thread still gets no more than its fair share of the
/// core, so no privilege is needed. On older kernels the class has no effect.
class LowLatencyThreads {
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
    /// The shortest slice that the kernel accepts, in nanoseconds.
    static constexpr uint64_t shortest = 100'000;

    /// The kernel's `struct sched_attr`, which the C library does not declare.
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
    /// Whether the calling thread has the default policy (SCHED_OTHER). Slices apply to it; other policies stay
    /// unchanged.
    bool has_slices;
};

}  // namespace

int ct_memory_file(int64_t bytes, int32_t *descriptor) {
    return guarded([&] {
        *descriptor = cpd_create_memory_file("contraflow", bytes);
        TORCH_CHECK(
            *descriptor >= 0, "cannot create a file of ", bytes, " bytes in memory: ", c10::utils::str_error(errno));
    });
}

int ct_file_store(const char *path, int64_t world_size, ct_store **result) {
    return guarded([&] { *result = new ct_store{c10::make_intrusive<c10d::FileStore>(path, world_size)}; });
}

int ct_tcp_store(
    const char *host, int32_t port, int32_t is_server, int64_t world_size, int64_t timeout_ms, int32_t listen_socket,
    ct_store **result) {
    return guarded([&] {
        c10d::TCPStoreOptions options;
        options.port = static_cast<uint16_t>(port);
        options.isServer = is_server != 0;
        options.numWorkers = world_size;
        options.waitWorkers = false;
        options.timeout = std::chrono::milliseconds(timeout_ms);
        if (listen_socket >= 0) options.masterListenFd = listen_socket;
        *result = new ct_store{c10::make_intrusive<c10d::TCPStore>(host, options)};
    });
}

int ct_prefix_store(const char *prefix, ct_store *store, ct_store **result) {
    return guarded([&] { *result = new ct_store{c10::make_intrusive<c10d::PrefixStore>(prefix, store->value)}; });
}

void ct_store_free(ct_store *store) { delete store; }

int ct_store_set(ct_store *store, const char *key, const uint8_t *bytes, int64_t count) {
    return guarded([&] { store->value->set(key, std::vector<uint8_t>(bytes, bytes + count)); });
}

int ct_store_add_key(ct_store *store, const char *key) {
    return guarded([&] { store->value->compareSet(key, std::vector<uint8_t>{}, std::vector<uint8_t>{'-'}); });
}

int ct_store_get(
    ct_store *store, const char *const *keys, int32_t count, void *context,
    void (*receive)(void *context, int32_t index, const uint8_t *bytes, int64_t length)) {
    return guarded([&] {
        auto values = store->value->multiGet(std::vector<std::string>(keys, keys + count));
        for (int32_t index = 0; index < count; ++index) {
            receive(context, index, values[index].data(), static_cast<int64_t>(values[index].size()));
        }
    });
}

int ct_group_new(
    ct_store *store, int32_t rank, int32_t size, const char *host, int64_t timeout_ms, int32_t threads,
    ct_group **result) {
    return guarded([&] {
        LowLatencyThreads prompt;
        auto options = c10d::ProcessGroupGloo::Options::create(std::chrono::milliseconds(timeout_ms));
        options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname(host, /*lazyInit=*/false));
        options->threads = threads;
        *result = new ct_group{
            c10::make_intrusive<c10d::ProcessGroupGloo>(store->value, rank, size, options), at::kCPU};
    });
}

int64_t ct_shared_region_size(int32_t members, int64_t slots, int64_t capacity) {
    return SharedMemoryBackend::region_size(members, slots, capacity);
}

int ct_shared_group_new(
    const ct_in *regions, const int32_t *names, int32_t size, int32_t rank, int64_t slots, int64_t capacity,
    int64_t timeout_ms, ct_group **result) {
    return guarded([&] {
        std::vector<at::Tensor> all;
        for (int32_t member = 0; member < size; ++member) all.push_back(*regions[member]);
        *result = new ct_group{
            c10::make_intrusive<SharedMemoryBackend>(
                std::move(all), std::vector<int>(names, names + size), rank, slots, capacity,
                std::chrono::milliseconds(timeout_ms)),
            at::kCPU};
    });
}

int ct_thread_group_new(
    const char *name, const int32_t *names, int32_t rank, int32_t size, int64_t timeout_ms, ct_group **result) {
    return guarded([&] {
        // Whether a tensor is on the CPU or on an accelerator, the group copies it on the stream of its thread.
        *result = new ct_group{
            c10::make_intrusive<ThreadBackend>(
                name, std::vector<int>(names, names + size), rank, std::chrono::milliseconds(timeout_ms)),
            at::kCPU};
    });
}

int ct_load_nccl(void) { return guarded([] { nccl_maker(); }); }

int32_t ct_nccl_version(void) {
    auto function = reinterpret_cast<int (*)(int *)>(dlsym(RTLD_DEFAULT, "ncclGetVersion"));
    int version = 0;
    return function && function(&version) == 0 ? version : 0;
}

int ct_nccl_group_new(
    ct_store *store, int32_t rank, int32_t size, int64_t timeout_ms, int32_t most_blocks,
    int32_t is_urgent, ct_group **result) {
    return guarded([&] {
        TORCH_CHECK(!current_device.is_cpu(), "an NCCL group needs an accelerator as the thread's device");
        c10::intrusive_ptr<c10d::Backend> backend;
        std::chrono::milliseconds timeout(timeout_ms);
        nccl_maker()(store->value, rank, size, timeout, most_blocks, is_urgent != 0, backend);
        *result = new ct_group{std::move(backend), current_device};
    });
}

void ct_group_free(ct_group *group) {
    guarded([&] {
        // NCCL's regular shutdown waits for peers, which may have failed. The caller has read the results of all
        // operations before it frees a group, so aborting loses nothing.
        if (!group->device.is_cpu()) group->value->abort();
        delete group;
    });
}

int ct_send(ct_group *group, ct_in tensor, int32_t peer, int32_t tag, ct_work **result) {
    return starting(group, tensor, /*writes=*/false, "send", result, [&](auto &tensors) {
        return group->value->send(tensors, peer, tag);
    });
}

int ct_receive(ct_group *group, ct_in tensor, int32_t peer, int32_t tag, ct_work **result) {
    return starting(group, tensor, /*writes=*/true, "receive", result, [&](auto &tensors) {
        return group->value->recv(tensors, peer, tag);
    });
}

int ct_all_reduce(ct_group *group, ct_in tensor, ct_work **result) {
    return starting_collective(group, {}, {*tensor}, "all-reduce", result, [&] {
        std::vector<at::Tensor> tensors{*tensor};
        return group->value->allreduce(tensors);
    });
}

int ct_broadcast(ct_group *group, ct_in tensor, int32_t root, ct_work **result) {
    return starting(group, tensor, /*writes=*/true, "broadcast", result, [&](auto &tensors) {
        c10d::BroadcastOptions options;
        options.rootRank = root;
        return group->value->broadcast(tensors, options);
    });
}

int ct_all_gather(ct_group *group, ct_in output, ct_in input, ct_work **result) {
    return starting_collective(group, {*input}, {*output}, "all-gather", result, [&] {
        at::Tensor gathered = *output, own = *input;
        return group->value->_allgather_base(gathered, own);
    });
}

int ct_all_to_all(
    ct_group *group, ct_in output, ct_in input, const int64_t *output_rows, const int64_t *input_rows,
    ct_work **result) {
    return starting_collective(group, {*input}, {*output}, "all-to-all", result, [&] {
        // c10d takes the vectors by reference and clears them.
        auto size = group->value->getSize();
        std::vector<int64_t> from(output_rows, output_rows + size), to(input_rows, input_rows + size);
        at::Tensor received = *output, sent = *input;
        return group->value->alltoall_base(received, sent, from, to);
    });
}

int ct_barrier(ct_group *group, ct_work **result) {
    return guarded([&] {
        c10d::BarrierOptions options;
        if (!group->device.is_cpu()) options.device = group->device;
        *result = new ct_work{group->value->barrier(options), nullptr};
    });
}

int64_t ct_work_end(ct_work *work) { return work->end ? work->end->host_time() : 0; }

int ct_mark_end(ct_mark *mark, ct_work *work) {
    return guarded([&] {
        if (work->end) {
            mark->value = work->end;
            return;
        }
        work->value->wait();
        TORCH_CHECK(ct_mark_record(mark) == 0, ct_last_error());
    });
}

int ct_work_wait(ct_work *work) {
    return guarded([&] {
        work->value->wait();
        if (trace && work->event) trace->add(Step::wait, current_stream_number(), work->event);
    });
}

void ct_work_free(ct_work *work) { guarded([&] { delete work; }); }
