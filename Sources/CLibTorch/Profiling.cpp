#include <ATen/record_function.h>
#include <torch/csrc/autograd/profiler_kineto.h>

#include "Guard.h"

namespace torch::autograd::profiler {
// The header of this function needs the folder of Kineto's headers.
TORCH_API void addMetadataJson(const std::string &key, const std::string &value);
}  // namespace torch::autograd::profiler

using namespace contraflow;

struct ct_annotation final {
    at::RecordFunction function{at::RecordScope::USER_SCOPE};
};

int ct_profile_start(void) {
    return guarded([] {
        using namespace torch::profiler::impl;
        ProfilerConfig config(
            ProfilerState::KINETO, /*report_input_shapes=*/false, /*profile_memory=*/false, /*with_stack=*/false,
            /*with_flops=*/false, /*with_modules=*/false);
        std::set<ActivityType> activities{ActivityType::CPU};
        if (!current_device.is_cpu()) activities.insert(ActivityType::CUDA);
        torch::autograd::profiler::prepareProfiler(config, activities);
        torch::autograd::profiler::enableProfiler(config, activities);
    });
}

int ct_profile_describe(const char *key, const char *json) {
    return guarded([&] { torch::autograd::profiler::addMetadataJson(key, json); });
}

int ct_profile_stop(const char *path) {
    return guarded([&] { torch::autograd::profiler::disableProfiler()->save(path); });
}

int ct_annotation_begin(const char *name, ct_annotation **result) {
    return guarded([&] {
        auto annotation = std::make_unique<ct_annotation>();
        if (annotation->function.isActive()) annotation->function.before(std::string(name));
        *result = annotation.release();
    });
}

void ct_annotation_end(ct_annotation *annotation) { delete annotation; }
