#include <ATen/DeviceAccelerator.h>
#include <ATen/Parallel.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/alignment.h>
#include <c10/core/impl/alloc_cpu.h>
#include <torch/version.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <dlfcn.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>

#include "StreamTrace.h"

namespace contraflow {

static thread_local std::string last_error;

void set_last_error(const char *message) {
    // libtorch appends the C++ call stack, which does not help the user.
    last_error = message;
    auto end = last_error.find("\nException raised from");
    if (end != std::string::npos) last_error.resize(end);
}

namespace {

/// The bytes of the tensors that one thread has allocated. Any thread may free them.
struct Counter {
    std::atomic<int64_t> live{0};
    std::atomic<int64_t> peak{0};
};

thread_local std::shared_ptr<Counter> counter = std::make_shared<Counter>();

/// Precedes each block: its size, and the counter and the trace of the thread that allocated it.
struct alignas(c10::gAlignment) Header {
    int64_t bytes;
    std::shared_ptr<Counter> owner;
    std::shared_ptr<StreamTrace> trace;
};

void free_block(void *data) {
    auto *header = static_cast<Header *>(data) - 1;
    header->owner->live -= header->bytes;
    if (header->trace) header->trace->add_free(data);
    header->~Header();
    c10::free_cpu(header);
}

/// libtorch's CPU allocation with a count of its bytes. The context of a DataPtr is the block itself, as raw_deleter()
/// requires.
class CountingAllocator final : public c10::Allocator {
   public:
    c10::DataPtr allocate(size_t bytes) override {
        auto *header = new (c10::alloc_cpu(sizeof(Header) + bytes)) Header{static_cast<int64_t>(bytes), counter, trace};
        int64_t live = counter->live += header->bytes;
        if (live > counter->peak) counter->peak = live;
        void *data = header + 1;
        if (trace) trace->add_allocation(data);
        return {data, data, &free_block, c10::Device(c10::DeviceType::CPU)};
    }

    c10::DeleterFnPtr raw_deleter() const override { return &free_block; }

    void copy_data(void *to, const void *from, std::size_t count) const override { default_copy_data(to, from, count); }
};

/// The bytes allocated on the calling thread's accelerator.
c10::CachingAllocator::Stat device_bytes() {
    auto stats = at::accelerator::getDeviceStats(current_device.index());
    return stats.allocated_bytes[static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE)];
}

}  // namespace
}  // namespace contraflow

using namespace contraflow;

const char *ct_last_error(void) { return last_error.c_str(); }

// Weak, because another version of libtorch may lack this function.
extern "C" uint64_t aoti_torch_abi_version(void) __attribute__((weak));

uint32_t ct_loaded_version(void) {
    return aoti_torch_abi_version ? static_cast<uint32_t>(aoti_torch_abi_version() >> 40) : 0;
}

uint32_t ct_built_version(void) { return TORCH_VERSION_MAJOR << 16 | TORCH_VERSION_MINOR << 8 | TORCH_VERSION_PATCH; }

const char *ct_library_path(void) {
    Dl_info info;
    auto address = dlsym(RTLD_DEFAULT, "aoti_torch_abi_version");
    return address && dladdr(address, &info) && info.dli_fname ? info.dli_fname : "";
}

int ct_set_threads(int32_t count) { return guarded([&] { at::set_num_threads(count); }); }

int32_t ct_follow_parent(int32_t parent) {
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    // The parent may have exited before prctl took effect.
    return getppid() == parent ? 0 : 1;
}

int32_t ct_set_gradients_enabled(int32_t enabled) {
    bool before = c10::GradMode::is_enabled();
    c10::GradMode::set_enabled(enabled != 0);
    return before ? 1 : 0;
}

int ct_memory_count(void) {
    return guarded([] {
        static CountingAllocator allocator;
        c10::SetCPUAllocator(&allocator, 100);
    });
}

int64_t ct_memory_live(void) {
    int64_t bytes = counter->live;
    if (!current_device.is_cpu()) guarded([&] { bytes = device_bytes().current; });
    return bytes;
}

int64_t ct_memory_peak(void) {
    int64_t bytes = counter->peak;
    if (!current_device.is_cpu()) guarded([&] { bytes = device_bytes().peak; });
    return bytes;
}

void ct_memory_reset_peak(void) {
    counter->peak = counter->live.load();
    if (!current_device.is_cpu()) guarded([] { at::accelerator::resetPeakStats(current_device.index()); });
}
