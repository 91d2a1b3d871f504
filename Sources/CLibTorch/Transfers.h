// Transfers between the host and the device.
#pragma once

#include "Guard.h"

namespace contraflow {

/// How a tensor of the host reaches the device.
enum class Upload {
    /// The caller waits for the copy.
    blocking,
    /// The copy is queued behind the device's earlier work, from page-locked memory. The caller continues at once.
    queued,
};

/// Returns `local` on `device`.
at::Tensor uploaded(const at::Tensor &local, Upload upload, at::Device device = current_device);

}  // namespace contraflow
