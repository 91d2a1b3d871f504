#include <algorithm>
#include <cstring>

#include "Guard.h"

using contraflow::guarded;

int ct_tensor_from_doubles(const double *values, const int64_t *sizes, int64_t rank, ct_tensor **result) {
    return guarded([&] {
        auto tensor = at::empty(at::IntArrayRef(sizes, rank), at::kDouble);
        std::memcpy(tensor.data_ptr<double>(), values, tensor.nbytes());
        *result = new ct_tensor{tensor};
    });
}

void ct_tensor_free(ct_tensor *tensor) { delete tensor; }

int ct_tensor_rank(const ct_tensor *tensor, int64_t *result) {
    return guarded([&] { *result = tensor->value.dim(); });
}

int ct_tensor_sizes(const ct_tensor *tensor, int64_t *sizes) {
    return guarded([&] { std::ranges::copy(tensor->value.sizes(), sizes); });
}

int ct_tensor_to_doubles(const ct_tensor *tensor, double *values) {
    return guarded([&] {
        auto source = tensor->value.detach().to(at::kCPU, at::kDouble).contiguous();
        std::memcpy(values, source.data_ptr<double>(), source.nbytes());
    });
}
