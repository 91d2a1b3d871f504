// The C interface to libtorch.
//
// Every function that can fail returns 0, or 1 after leaving its reason in ct_last_error(). Results come through the
// last parameter; a returned handle belongs to the caller, who frees it with the function named after its type.
// A null tensor stands for "none" where a comment allows it.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ct_tensor ct_tensor;
typedef struct ct_weights ct_weights;
typedef struct ct_store ct_store;
typedef struct ct_group ct_group;
typedef struct ct_work ct_work;

typedef const ct_tensor *ct_in;
typedef ct_tensor **ct_out;

// MARK: Process

/// The reason of the last failure on this thread; valid until the next failure on it.
const char *ct_last_error(void);
/// The version of libtorch that the shim was built against: major, minor and patch, a byte each.
uint32_t ct_built_version(void);
/// The version of the libtorch that is loaded, a byte each; 0 where it does not tell.
uint32_t ct_loaded_version(void);
/// The file of the libtorch that is loaded; empty where it cannot be told. Valid for ever.
const char *ct_library_path(void);
int ct_set_threads(int32_t count);
/// Has the system end this process when its parent ends; returns 1 where `parent` is not its parent any more.
int32_t ct_follow_parent(int32_t parent);
/// Whether operations on this thread record what autograd needs; returns what it was before.
int32_t ct_set_gradients_enabled(int32_t enabled);
/// Counts, from the first call on, the bytes of the tensors on the CPU that the calling thread makes: those that live
/// now, whoever frees them, and the most there were since the last reset of the peak. A thread whose current device is
/// an accelerator is told what that device's allocator has given out instead, to whichever thread.
int ct_memory_count(void);
int64_t ct_memory_live(void);
int64_t ct_memory_peak(void);
void ct_memory_reset_peak(void);

// MARK: Devices

/// Loads the half of libtorch that drives accelerators; the first call decides for good. Nothing else loads it, as that
/// takes time and memory that ranks on the CPU can do without.
int ct_load_accelerator(void);
/// How many accelerators there are; 0 before ct_load_accelerator.
int32_t ct_accelerator_count(void);
/// Has the calling thread make its tensors on accelerator `index`, or on the CPU for -1, which it begins with.
int ct_set_device(int32_t index);
/// The accelerator on which the calling thread makes its tensors, or -1.
int32_t ct_current_device(void);
/// Free and all bytes of an accelerator's memory.
int ct_device_memory(int32_t index, int64_t *available, int64_t *total);
/// The accelerator that a tensor lies on, or -1.
int32_t ct_device(ct_in tensor);
/// The tensor on accelerator `index`, or on the CPU for -1; itself where it lies there.
int ct_to_device(ct_in tensor, int32_t index, ct_out result);

// MARK: Making and reading tensors

enum { CT_FLOAT32 = 0, CT_FLOAT64 = 1, CT_BFLOAT16 = 2, CT_INT64 = 3, CT_BOOL = 4 };

int ct_empty(const int64_t *sizes, int64_t rank, int32_t type, ct_out result);
/// The file at `path` as elements that all who map it share; it has as many at least.
int ct_from_file(const char *path, int64_t count, int32_t type, ct_out result);
int ct_full(const int64_t *sizes, int64_t rank, int32_t type, double value, ct_out result);
int ct_arange(int64_t count, int32_t type, ct_out result);
/// Standard normal numbers from a generator of their own, the same for the same seed on every rank, run and device.
int ct_normal(const int64_t *sizes, int64_t rank, int32_t type, uint64_t seed, ct_out result);
int ct_from_doubles(const double *values, const int64_t *sizes, int64_t rank, ct_out result);
int ct_from_int64(const int64_t *values, const int64_t *sizes, int64_t rank, ct_out result);
void ct_tensor_free(ct_tensor *tensor);
int ct_clone(ct_in tensor, ct_out result);
int ct_to_type(ct_in tensor, int32_t type, ct_out result);

int64_t ct_rank(ct_in tensor);
void ct_sizes(ct_in tensor, int64_t *sizes);
int64_t ct_element_count(ct_in tensor);
int64_t ct_byte_count(ct_in tensor);
int ct_type(ct_in tensor, int32_t *result);
/// Copies the elements in order; the buffer has room for all of them.
int ct_to_doubles(ct_in tensor, double *values);
int ct_to_int64(ct_in tensor, int64_t *values);
/// The bytes of a contiguous tensor on the CPU, to read or to fill; valid while the tensor lives.
int ct_bytes(ct_in tensor, void **result);

// MARK: Shape

int ct_reshape(ct_in tensor, const int64_t *sizes, int64_t rank, ct_out result);
int ct_transpose(ct_in tensor, int64_t first, int64_t second, ct_out result);
int ct_contiguous(ct_in tensor, ct_out result);
int ct_narrow(ct_in tensor, int64_t dimension, int64_t start, int64_t length, ct_out result);
int ct_expand(ct_in tensor, const int64_t *sizes, int64_t rank, ct_out result);
int ct_concatenate(const ct_in *tensors, int64_t count, int64_t dimension, ct_out result);
int ct_index_select(ct_in tensor, int64_t dimension, ct_in index, ct_out result);
int ct_gather(ct_in tensor, int64_t dimension, ct_in index, ct_out result);
/// A tensor like `tensor` in which rows of `source` are added at `index` along `dimension`.
int ct_index_add(ct_in tensor, int64_t dimension, ct_in index, ct_in source, ct_out result);
/// A tensor like `tensor` with `value` wherever `index` points along `dimension`.
int ct_scatter(ct_in tensor, int64_t dimension, ct_in index, double value, ct_out result);

// MARK: Arithmetic

int ct_add(ct_in left, ct_in right, double scale, ct_out result);
int ct_multiply(ct_in left, ct_in right, ct_out result);
int ct_scale(ct_in tensor, double factor, ct_out result);
int ct_divide(ct_in left, ct_in right, ct_out result);
int ct_matmul(ct_in left, ct_in right, ct_out result);
int ct_sigmoid(ct_in tensor, ct_out result);
int ct_silu(ct_in tensor, ct_out result);
int ct_gelu(ct_in tensor, ct_out result);
int ct_softmax(ct_in tensor, int64_t dimension, ct_out result);
int ct_sum(ct_in tensor, ct_out result);
int ct_sum_dimension(ct_in tensor, int64_t dimension, int32_t keeps, ct_out result);
int ct_mean_dimension(ct_in tensor, int64_t dimension, int32_t keeps, ct_out result);
int ct_sign(ct_in tensor, ct_out result);
/// The indices of the `count` largest elements along the last dimension, and the elements.
int ct_topk(ct_in tensor, int64_t count, ct_out values, ct_out indices);
/// The order that sorts a vector, equal elements kept in order.
int ct_argsort(ct_in vector, ct_out result);
/// How often 0 ..< count occur in an int64 tensor.
int ct_bincount(ct_in tensor, int64_t count, ct_out result);
/// `tensor` with -infinity where `mask` is false.
int ct_keep(ct_in tensor, ct_in mask, ct_out result);
int ct_norm_squared(ct_in tensor, double *result);
int ct_is_finite(ct_in tensor, int32_t *result);

// MARK: In place, for buffers that autograd does not see

int ct_add_in_place(ct_in tensor, ct_in other, double scale);
int ct_scale_in_place(ct_in tensor, double factor);
int ct_zero(ct_in tensor);
int ct_copy(ct_in target, ct_in source);
/// One AdamW step on flat tensors, as libtorch's fused kernel does it; `step` counts from 1.
int ct_adamw(
    ct_in parameters, ct_in gradients, ct_in first_moment, ct_in second_moment, double step, double rate, double beta1,
    double beta2, double epsilon, double decay);

// MARK: Layers

int ct_embedding(ct_in table, ct_in indices, ct_out result);
int ct_rms_norm(ct_in tensor, ct_in weight, double epsilon, ct_out result);
/// Rotates interleaved pairs of `tensor` [B, S, H, d] by position; `cosines` and `sines` are [S, d/2].
int ct_rotate(ct_in tensor, ct_in cosines, ct_in sines, ct_out result);
/// Causal attention, [B, H, S, d] each; the last query sees the last key.
int ct_attention(ct_in queries, ct_in keys, ct_in values, double scale, ct_out result);
/// The sum of cross entropies of `logits` [N, V] against int64 `targets` [N], without those that are -100.
int ct_cross_entropy(ct_in logits, ct_in targets, ct_out result);

// MARK: Weight gradients that can wait

/// Keeps the weight products of one backward pass until they are asked for.
int ct_weights_new(ct_weights **result);
void ct_weights_free(ct_weights *weights);
/// Adds all kept products to the gradients of their weights, in the order in which they were kept.
int ct_weights_run(ct_weights *weights);
/// How many matrix products are kept.
int64_t ct_weights_pending(const ct_weights *weights);
/// How many matrix products of weights have run on this thread so far.
int64_t ct_weight_products(void);

/// tensor · weightᵀ, `weight` being [out, in]; the weight's gradient goes to `weights`.
int ct_linear(ct_in tensor, ct_in weight, ct_weights *weights, ct_out result);
/// SwiGLU experts on rows that are grouped by expert: `rows` [T, D], `counts` rows an expert, `up` [E, 2I, D] (gate
/// over up), `down` [E, D, I]; the weights' gradients go to `weights`.
int ct_experts(
    ct_in rows, const int64_t *counts, int64_t expert_count, ct_in up, ct_in down, ct_weights *weights, ct_out result);

// MARK: Autograd

/// The same values as a leaf of a graph of its own, which gathers a gradient where `wanted`.
int ct_leaf(ct_in tensor, int32_t wanted, ct_out result);
int ct_requires_gradient(ct_in tensor, int32_t *result);
/// Walks back from `outputs`; a null gradient stands for one, which needs a scalar output.
int ct_backward(const ct_in *outputs, const ct_in *gradients, int64_t count);
/// The gradient that a leaf has gathered, or null.
int ct_gradient(ct_in tensor, ct_out result);
/// Makes `gradient` the buffer in which `tensor` gathers its gradient; null takes it away.
int ct_set_gradient(ct_in tensor, ct_in gradient);

// MARK: Processes

/// A file of `bytes` zeros that lies in memory and is gone with the last descriptor and the last mapping.
int ct_memory_file(int64_t bytes, int32_t *descriptor);
int ct_file_store(const char *path, int64_t world_size, ct_store **result);
/// `listen_socket` is a bound socket that the server takes over, or -1.
int ct_tcp_store(
    const char *host, int32_t port, int32_t is_server, int64_t world_size, int64_t timeout_ms, int32_t listen_socket,
    ct_store **result);
int ct_prefix_store(const char *prefix, ct_store *store, ct_store **result);
void ct_store_free(ct_store *store);
/// A Gloo group; `host` is the address that it binds.
int ct_group_new(
    ct_store *store, int32_t rank, int32_t size, const char *host, int64_t timeout_ms, int32_t threads,
    ct_group **result);
/// How many zeros each member's region of ct_shared_group_new has.
int64_t ct_shared_region_size(int32_t members, int64_t slots, int64_t capacity);
/// A group whose members exchange tensors in the memory of `regions`, one a member; see SharedMemoryBackend.h.
int ct_shared_group_new(
    const ct_in *regions, int32_t size, int32_t rank, int64_t slots, int64_t capacity, int64_t timeout_ms,
    ct_group **result);
/// Finds what ct_nccl_group_new needs; the first call decides for good.
int ct_load_nccl(void);
/// An NCCL group for tensors on the calling thread's current device. Sends and receives are matched by their order
/// alone, `tag` says nothing to it. Waiting makes the device wait, not the caller.
///
/// `most_blocks` bounds how many of the device's blocks an operation takes; 0 leaves that to NCCL.
int ct_nccl_group_new(
    ct_store *store, int32_t rank, int32_t size, int64_t timeout_ms, int32_t most_blocks, ct_group **result);
void ct_group_free(ct_group *group);
int ct_send(ct_group *group, ct_in tensor, int32_t peer, int32_t tag, ct_work **result);
int ct_receive(ct_group *group, ct_in tensor, int32_t peer, int32_t tag, ct_work **result);
/// Sums `tensor` over the group, in place.
int ct_all_reduce(ct_group *group, ct_in tensor, ct_work **result);
int ct_broadcast(ct_group *group, ct_in tensor, int32_t root, ct_work **result);
int ct_all_gather(ct_group *group, ct_in output, ct_in input, ct_work **result);
/// Rows of `input` to each rank and rows of `output` from each rank, `input_rows` and `output_rows` of them.
int ct_all_to_all(
    ct_group *group, ct_in output, ct_in input, const int64_t *output_rows, const int64_t *input_rows,
    ct_work **result);
int ct_barrier(ct_group *group, ct_work **result);
int ct_work_wait(ct_work *work);
// When a collective was over, in nanoseconds of the monotonic clock; 0 until then, and for other work.
int64_t ct_work_end(ct_work *work);
void ct_work_free(ct_work *work);

#ifdef __cplusplus
}
#endif
