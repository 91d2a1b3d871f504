// Creates NCCL groups. This is the only file that needs CUDA's headers.
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

#include <torch/version.h>

#include "NCCLPlugin.h"

// The options embed NCCL's configuration, whose size differs between versions, so the headers must be those of the NCCL
// that libtorch was built with.
#if TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR == 13 && NCCL_VERSION_CODE != NCCL_VERSION(2, 29, 7)
#error "nccl.h is not that of torch 2.13, NCCL 2.29.7: install nvidia-nccl-cu13==2.29.7, or run 'make setup DEVICE=cuda'"
#elif TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR == 11 && NCCL_VERSION_CODE != NCCL_VERSION(2, 28, 9)
#error "nccl.h is not that of torch 2.11, NCCL 2.28.9: install nvidia-nccl-cu13==2.28.9, or run 'make setup DEVICE=cuda'"
#endif

extern "C" NCCLMaker contraflow_nccl_group;

void contraflow_nccl_group(
    const c10::intrusive_ptr<c10d::Store> &store, int rank, int size, std::chrono::milliseconds timeout,
    int most_blocks, bool is_urgent, c10::intrusive_ptr<c10d::Backend> &result) {
    auto options = c10d::ProcessGroupNCCL::Options::create(/*is_high_priority_stream=*/is_urgent);
    options->timeout = timeout;
    if (most_blocks > 0) {
        options->config.minCTAs = 1;
        options->config.maxCTAs = most_blocks;
    }
    result = c10::make_intrusive<c10d::ProcessGroupNCCL>(store, rank, size, options);
}
