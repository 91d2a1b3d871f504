#include "Transfers.h"

#include <ATen/DeviceAccelerator.h>

#include <cstring>

#include "Streams.h"
#include "StreamTrace.h"

using namespace contraflow;

namespace {

/// The transfers of the calling thread. On the CPU, the places count at which a device would take part.
struct Transfers {
    int64_t reads = 0, uploads = 0, blocking_uploads = 0;
};

thread_local Transfers transfers;

/// Counts a read of a tensor, for which the host waits for the current stream.
void count_read(const at::Tensor &tensor) {
    transfers.reads++;
    if (!trace) return;
    trace->add(Step::read, current_stream_number(), tensor, "read");
    trace->add_synchronization();
}

}  // namespace

at::Tensor contraflow::uploaded(const at::Tensor &local, Upload upload, at::Device device) {
    transfers.uploads++;
    if (upload == Upload::blocking) transfers.blocking_uploads++;
    if (device.is_cpu()) return local;
    if (upload == Upload::blocking) return local.to(device);
    // libtorch reuses the page-locked memory when the device has executed the copy.
    return local.pin_memory().to(device, /*non_blocking=*/true);
}

/// A copy of a tensor's elements that becomes available to the host when an event has happened.
struct ct_host_copy {
    at::Tensor values;
    ct_event *copied;
};

template <typename Value>
static int from_values(const Value *values, const int64_t *sizes, int64_t rank, ct_out result) {
    return returning(result, [&] {
        auto tensor = at::empty({sizes, static_cast<size_t>(rank)}, c10::CppTypeToScalarType<Value>::value);
        std::memcpy(tensor.data_ptr(), values, tensor.nbytes());
        return uploaded(tensor, Upload::queued);
    });
}

template <typename Value>
static int to_values(ct_in tensor, Value *values) {
    return guarded([&] {
        count_read(*tensor);
        auto source = tensor->detach().to(at::kCPU, c10::CppTypeToScalarType<Value>::value).contiguous();
        std::memcpy(values, source.data_ptr(), source.nbytes());
    });
}

int ct_from_doubles(const double *values, const int64_t *sizes, int64_t rank, ct_out result) {
    return from_values(values, sizes, rank, result);
}

int ct_from_int64(const int64_t *values, const int64_t *sizes, int64_t rank, ct_out result) {
    return from_values(values, sizes, rank, result);
}

int ct_to_doubles(ct_in tensor, double *values) { return to_values(tensor, values); }
int ct_to_int64(ct_in tensor, int64_t *values) { return to_values(tensor, values); }

int ct_to_device(ct_in tensor, int32_t index, ct_out result) {
    return returning(result, [&] {
        auto target = device(index);
        if (target.is_cpu()) count_read(*tensor);
        if (tensor->is_cpu() && !target.is_cpu()) transfers.uploads++, transfers.blocking_uploads++;
        return tensor->to(target);
    });
}

int ct_upload(ct_in tensor, int32_t waits, ct_out result) {
    return returning(result, [&]() -> at::Tensor {
        if (!tensor->is_cpu()) return *tensor;
        return uploaded(*tensor, waits ? Upload::blocking : Upload::queued);
    });
}

int ct_bytes(ct_in tensor, void **result) {
    return guarded([&] {
        TORCH_CHECK(
            tensor->is_contiguous() && tensor->is_cpu(),
            "only a contiguous tensor on the CPU gives access to its bytes");
        *result = tensor->data_ptr();
    });
}

int ct_host_copy_new(ct_in tensor, ct_host_copy **result) {
    return guarded([&] {
        TORCH_CHECK(tensor->scalar_type() == at::kLong, "a copy to the host has int64 elements");
        auto values = tensor->detach().contiguous();
        if (!values.is_cpu()) {
            auto copy = at::empty(values.sizes(), at::TensorOptions(at::kLong).pinned_memory(true));
            values = copy.copy_(values, /*non_blocking=*/true);
        }
        if (trace) trace->add(Step::read, current_stream_number(), *tensor, "copy to the host");
        ct_event *copied = nullptr;
        TORCH_CHECK(ct_event_record(&copied) == 0, ct_last_error());
        *result = new ct_host_copy{values, copied};
    });
}

int ct_host_copy_read(ct_host_copy *copy, int64_t *values) {
    return guarded([&] {
        transfers.reads++;
        if (copy->copied->value) copy->copied->value->synchronize();
        if (trace) trace->add(Step::synchronize, current_stream_number(), copy->copied->number);
        std::memcpy(values, copy->values.data_ptr(), copy->values.nbytes());
    });
}

void ct_host_copy_free(ct_host_copy *copy) {
    ct_event_free(copy->copied);
    delete copy;
}

int64_t ct_host_reads(void) { return transfers.reads; }
int64_t ct_uploads(void) { return transfers.uploads; }
int64_t ct_blocking_uploads(void) { return transfers.blocking_uploads; }
