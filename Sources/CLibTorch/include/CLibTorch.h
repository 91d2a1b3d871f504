// The C interface to libtorch. Every function that can fail returns 0, or 1 after leaving its reason in
// ct_last_error(); results come through the last parameters. Handles are freed by the function named after them.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ct_tensor ct_tensor;

/// The reason of the last failure on this thread; valid until the next call on it.
const char *ct_last_error(void);

/// libtorch's version, such as "2.13.0".
const char *ct_version(void);

/// A float64 tensor of `rank` sizes that copies `values`.
int ct_tensor_from_doubles(const double *values, const int64_t *sizes, int64_t rank, ct_tensor **result);
void ct_tensor_free(ct_tensor *tensor);
int ct_tensor_rank(const ct_tensor *tensor, int64_t *result);
int ct_tensor_sizes(const ct_tensor *tensor, int64_t *sizes);
/// Copies the elements, as float64 and in order, to `values`, which has room for all of them.
int ct_tensor_to_doubles(const ct_tensor *tensor, double *values);

#ifdef __cplusplus
}
#endif
