#include <ATen/DeviceAccelerator.h>
#include <c10/util/Exception.h>
#include <dlfcn.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>

#include "Guard.h"

namespace contraflow {

thread_local at::Device current_device{at::kCPU};
std::atomic<bool> has_run_backward{false};

namespace {

/// Loads libtorch's CUDA library. Returns an empty string, or the reason of the failure.
///
/// libtorch looks for CUDA once, at the first backward pass or the first count of devices. CUDA stays unusable if the
/// library is loaded after that.
std::string load_cuda() {
    std::string own = ct_library_path();
    auto folder = own.substr(0, own.rfind('/') + 1);
    auto library = folder + "libtorch_cuda.so";
    if (access(library.c_str(), R_OK) != 0) return "libtorch in " + folder + " is a CPU-only build";
    if (has_run_backward) return "a backward pass ran before CUDA was loaded: load CUDA at the start of the process";
    // With fewer hardware queues than streams, a transfer that waits for its peer blocks other transfers in its queue.
    setenv("CUDA_DEVICE_MAX_CONNECTIONS", "32", /*overwrite=*/0);
    if (!dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL)) return dlerror();
    return "";
}

/// The reason why libtorch's CUDA library cannot be used; empty if it is loaded. The first call loads it.
const std::string &cuda_refusal() {
    static const std::string refusal = load_cuda();
    return refusal;
}

/// The device's number in the C interface: its index, or -1 for the CPU.
int32_t number(const at::Device &device) { return device.is_cpu() ? -1 : device.index(); }

}  // namespace

at::Device device(int32_t index) {
    if (index < 0) return at::kCPU;
    auto count = ct_accelerator_count();
    TORCH_CHECK(index < count, "there is no device ", index, ": this process sees ", count);
    return {at::accelerator::getAccelerator(/*checked=*/true).value(), static_cast<at::DeviceIndex>(index)};
}

}  // namespace contraflow

using namespace contraflow;

int ct_load_accelerator(void) {
    return guarded([] { TORCH_CHECK(cuda_refusal().empty(), cuda_refusal()); });
}

int32_t ct_accelerator_count(void) {
    if (!cuda_refusal().empty()) return 0;
    // Without a driver, libtorch warns on standard error. The caller learns that there is none from the count 0.
    struct Silence final : c10::WarningHandler {
        void process(const c10::Warning &) override {}
    } silence;
    c10::WarningUtils::WarningHandlerGuard guard(&silence);
    return at::accelerator::deviceCount();
}

int ct_set_device(int32_t index) {
    return guarded([&] {
        auto target = device(index);
        if (!target.is_cpu()) at::accelerator::setDeviceIndex(target.index());
        current_device = target;
    });
}

int32_t ct_current_device(void) { return number(current_device); }

int ct_device_memory(int32_t index, int64_t *available, int64_t *total) {
    return guarded([&] {
        auto bytes = at::accelerator::getMemoryInfo(device(index).index());
        *available = static_cast<int64_t>(bytes.first);
        *total = static_cast<int64_t>(bytes.second);
    });
}

int32_t ct_device(ct_in tensor) { return number(tensor->device()); }
