// The effects of libtorch's operators, by their schemas.
#pragma once

// The layout of at::RecordFunction depends on NDEBUG, with which libtorch is built.
#ifndef NDEBUG
#define NDEBUG
#endif
#include <ATen/record_function.h>

#include <vector>

#include "Guard.h"

namespace contraflow {

/// The effect of an operator on the memory of its arguments and results.
struct OperatorEffect {
    /// Whether the operator computes values. If not, it returns a view, allocates memory or reads sizes.
    bool computes;
    /// Whether the operator writes to each argument.
    std::vector<bool> writes;
};

/// Returns the effect of the operator that `function` observes.
const OperatorEffect &effect_of(const at::RecordFunction &function);

}  // namespace contraflow
