#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>

#include <algorithm>

#include "Transfers.h"

using namespace contraflow;

at::ScalarType contraflow::scalar_type(int32_t type) {
    switch (type) {
        case CT_FLOAT32: return at::kFloat;
        case CT_FLOAT64: return at::kDouble;
        case CT_BFLOAT16: return at::kBFloat16;
        case CT_INT64: return at::kLong;
        case CT_BOOL: return at::kBool;
        default: TORCH_CHECK(false, "element type ", type, " is unknown");
    }
}

/// Options of a tensor of `type` on the calling thread's device.
static at::TensorOptions options(int32_t type) { return at::TensorOptions(scalar_type(type)).device(current_device); }

static at::IntArrayRef shape(const int64_t *sizes, int64_t rank) { return {sizes, static_cast<size_t>(rank)}; }

int ct_empty(const int64_t *sizes, int64_t rank, int32_t type, ct_out result)
    CT_RETURNS(at::empty(shape(sizes, rank), options(type)))
int ct_from_file(const char *path, int64_t count, int32_t type, ct_out result)
    CT_RETURNS(at::from_file(path, /*shared=*/true, count, scalar_type(type)))
int ct_full(const int64_t *sizes, int64_t rank, int32_t type, double value, ct_out result)
    CT_RETURNS(at::full(shape(sizes, rank), value, options(type)))
int ct_arange(int64_t count, int32_t type, ct_out result) CT_RETURNS(at::arange(count, options(type)))

int ct_normal(const int64_t *sizes, int64_t rank, int32_t type, const uint64_t *seeds, int64_t count, ct_out result) {
    return returning(result, [&] {
        auto sizes_of_each = shape(sizes, rank);
        auto stacked_sizes = sizes_of_each.vec();
        stacked_sizes.insert(stacked_sizes.begin(), count);
        auto stacked = at::empty(stacked_sizes, scalar_type(type));
        at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
            for (auto index = begin; index < end; ++index) {
                auto generator = at::detail::createCPUGenerator(seeds[index]);
                // Drawn in float64 on the CPU, so that all types and devices start with the same numbers.
                stacked.select(0, index).copy_(
                    at::randn(sizes_of_each, generator, at::TensorOptions(at::kDouble)));
            }
        });
        return uploaded(std::move(stacked), Upload::blocking);
    });
}

void ct_tensor_free(ct_tensor *tensor) { delete tensor; }
int ct_clone(ct_in tensor, ct_out result) CT_RETURNS(tensor->clone())
int ct_to_type(ct_in tensor, int32_t type, ct_out result) CT_RETURNS(tensor->to(scalar_type(type)))

int64_t ct_rank(ct_in tensor) { return tensor->dim(); }
void ct_sizes(ct_in tensor, int64_t *sizes) { std::ranges::copy(tensor->sizes(), sizes); }
int64_t ct_element_count(ct_in tensor) { return tensor->numel(); }
int64_t ct_byte_count(ct_in tensor) { return static_cast<int64_t>(tensor->nbytes()); }

int ct_type(ct_in tensor, int32_t *result) {
    return guarded([&] {
        for (*result = CT_FLOAT32; *result <= CT_BOOL; ++*result) {
            if (scalar_type(*result) == tensor->scalar_type()) return;
        }
        TORCH_CHECK(false, "element type ", tensor->scalar_type(), " is not supported");
    });
}

int ct_reshape(ct_in tensor, const int64_t *sizes, int64_t rank, ct_out result)
    CT_RETURNS(tensor->reshape(shape(sizes, rank)))
int ct_transpose(ct_in tensor, int64_t first, int64_t second, ct_out result)
    CT_RETURNS(tensor->transpose(first, second))
int ct_contiguous(ct_in tensor, ct_out result) CT_RETURNS(tensor->contiguous())
int ct_narrow(ct_in tensor, int64_t dimension, int64_t start, int64_t length, ct_out result)
    CT_RETURNS(tensor->narrow(dimension, start, length))
int ct_expand(ct_in tensor, const int64_t *sizes, int64_t rank, ct_out result)
    CT_RETURNS(tensor->expand(shape(sizes, rank)))

int ct_concatenate(const ct_in *tensors, int64_t count, int64_t dimension, ct_out result) {
    return returning(result, [&] {
        std::vector<at::Tensor> values;
        for (int64_t i = 0; i < count; i++) values.push_back(*tensors[i]);
        return at::cat(values, dimension);
    });
}

int ct_index_select(ct_in tensor, int64_t dimension, ct_in index, ct_out result)
    CT_RETURNS(tensor->index_select(dimension, *index))
int ct_gather(ct_in tensor, int64_t dimension, ct_in index, ct_out result) CT_RETURNS(tensor->gather(dimension, *index))
int ct_index_add(ct_in tensor, int64_t dimension, ct_in index, ct_in source, ct_out result)
    CT_RETURNS(tensor->index_add(dimension, *index, *source))
int ct_scatter(ct_in tensor, int64_t dimension, ct_in index, double value, ct_out result)
    CT_RETURNS(tensor->scatter(dimension, *index, value))
