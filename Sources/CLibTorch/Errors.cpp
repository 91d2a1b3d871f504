#include <torch/version.h>

#include <string>

#include "CLibTorch.h"

namespace contraflow {

static thread_local std::string last_error;

void set_last_error(const char *message) {
    // libtorch appends the C++ call stack, which says nothing to whoever reads the message.
    last_error = message;
    auto end = last_error.find("\nException raised from");
    if (end != std::string::npos) last_error.resize(end);
}

}  // namespace contraflow

const char *ct_last_error(void) { return contraflow::last_error.c_str(); }

const char *ct_version(void) { return TORCH_VERSION; }
