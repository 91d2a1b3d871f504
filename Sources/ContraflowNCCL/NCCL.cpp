// Creates NCCL groups. This is the only file that needs CUDA's headers.
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

#include "NCCLPlugin.h"

extern "C" NCCLMaker contraflow_nccl_group;

void contraflow_nccl_group(
    const c10::intrusive_ptr<c10d::Store> &store, int rank, int size, std::chrono::milliseconds timeout,
    int most_blocks, c10::intrusive_ptr<c10d::Backend> &result) {
    auto options = c10d::ProcessGroupNCCL::Options::create();
    options->timeout = timeout;
    if (most_blocks > 0) {
        options->config.minCTAs = 1;
        options->config.maxCTAs = most_blocks;
    }
    result = c10::make_intrusive<c10d::ProcessGroupNCCL>(store, rank, size, options);
}
