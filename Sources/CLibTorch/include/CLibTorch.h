// The C interface to libtorch.
//
// Functions that can fail return 0 on success and 1 on failure; ct_last_error() then gives the reason. Results are
// stored through the last parameter. The caller owns a returned handle and frees it with the `_free` function of its
// type. A null tensor is allowed only if the comment of the function says so.
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
typedef struct ct_host_copy ct_host_copy;
typedef struct ct_stream ct_stream;
typedef struct ct_event ct_event;
typedef struct ct_trace ct_trace;
typedef struct ct_mark ct_mark;

typedef const ct_tensor *ct_in;
typedef ct_tensor **ct_out;

// MARK: Process

/// The reason of the last failure on the calling thread; valid until the next failure on the same thread.
const char *ct_last_error(void);
/// The version of libtorch that the shim was built against: major, minor and patch, one byte each.
uint32_t ct_built_version(void);
/// The version of the loaded libtorch in the same form; 0 if the library does not report it.
uint32_t ct_loaded_version(void);
/// The path of the loaded libtorch; empty if it is unknown. The string stays valid until the process ends.
const char *ct_library_path(void);
int ct_set_threads(int32_t count);
/// Requests that the system kill this process when its parent exits. Returns 1 if the parent is no longer `parent`.
int32_t ct_follow_parent(int32_t parent);
/// Enables or disables autograd on the calling thread. Returns the previous setting.
int32_t ct_set_gradients_enabled(int32_t enabled);
/// Starts to count the bytes of CPU tensors per allocating thread. Tensors created before the first call are not
/// counted.
int ct_memory_count(void);
/// The bytes of the live tensors that the calling thread has allocated. A tensor that another thread frees no longer
/// counts. If the thread's current device is an accelerator: the bytes that all threads have allocated on it.
int64_t ct_memory_live(void);
/// The largest value of ct_memory_live() since ct_memory_reset_peak().
int64_t ct_memory_peak(void);
void ct_memory_reset_peak(void);

// MARK: Streams

// A stream executes work in the order in which it is issued. Every thread has a current stream per device, on which it
// issues work. On the CPU, streams and events are numbers without effect.

/// A new stream of the calling thread's current device. The work of an urgent one runs first.
int ct_stream_new(int32_t is_urgent, ct_stream **result);
int ct_stream_current(ct_stream **result);
void ct_stream_free(ct_stream *stream);
/// Makes `stream` the current stream of the calling thread.
int ct_stream_enter(const ct_stream *stream);
/// Has the memory of `tensor` reused only after the work that `stream` has when the tensor is freed.
int ct_stream_keep(const ct_stream *stream, ct_in tensor);
/// An event that happens when the current stream has done its work so far.
int ct_event_record(ct_event **result);
/// Makes the current stream wait for an event. The caller continues at once.
int ct_event_wait(const ct_event *event);
void ct_event_free(ct_event *event);

enum {
    CT_STEP_RECORD = 0, CT_STEP_WAIT = 1, CT_STEP_SYNCHRONIZE = 2, CT_STEP_READ = 3, CT_STEP_WRITE = 4,
    CT_STEP_ALLOCATE = 5, CT_STEP_FREE = 6, CT_STEP_KEEP = 7
};

/// Receives a step of a stream: the number of the thread that issues it, the number of the event that it records or
/// waits for, or of the block of memory that it reads, writes, allocates, frees or keeps, and the name of the operation.
typedef void (*ct_step_visitor)(
    void *context, int32_t step, int64_t thread, int64_t stream, int64_t object, const char *name);
/// An empty trace, which may record the streams of several threads.
int ct_trace_new(ct_trace **result);
void ct_trace_free(ct_trace *trace);
/// Starts to record the steps of the calling thread's streams in `trace`. Allocations are recorded after
/// ct_memory_count().
int ct_trace_enter(const ct_trace *trace);
/// Ends the record of the calling thread's streams.
int ct_trace_leave(void);
/// Calls `visit` for each step, in the order in which the threads issued them.
int ct_trace_visit(const ct_trace *trace, ct_step_visitor visit, void *context);

// MARK: Times

/// Nanoseconds on the calling thread's clock, which is the machine's monotonic clock at first.
int64_t ct_now(void);
/// Has the calling thread's clock count its reads from `start` on, for tests; -1 makes it tell the time again.
void ct_clock_count(int64_t start);
/// A point in time, which can be used again. On an accelerator, its time is known when the accelerator has reached it.
int ct_mark_new(ct_mark **result);
void ct_mark_free(ct_mark *mark);
/// Puts the point behind the work that the current stream has so far. On the CPU, that is now.
int ct_mark_record(ct_mark *mark);
/// Puts the point at the end of an operation. On an accelerator, the current stream waits for the operation.
int ct_mark_end(ct_mark *mark, ct_work *work);
/// Waits until the time of the point is known.
int ct_mark_synchronize(const ct_mark *mark);
/// The nanoseconds from `origin` to `mark`. Fails if one of the times is not known yet.
int ct_mark_since(const ct_mark *mark, const ct_mark *origin, int64_t *nanoseconds);

// MARK: Operators

/// Receives the name of an operator, its number of calls, and the number of those that computed values themselves
/// instead of calling other operators.
typedef void (*ct_operator_visitor)(void *context, const char *name, int64_t calls, int64_t launches);
/// Starts to count the operators that run on the calling thread and in its backward passes.
int ct_operators_start(void);
/// Ends the count and calls `visit` for each operator that has run, in alphabetical order.
int ct_operators_stop(ct_operator_visitor visit, void *context);

// MARK: Devices

/// Loads libtorch's CUDA library, which CPU ranks do not need. Later calls repeat the result of the first. Fails if a
/// backward pass has run before.
int ct_load_accelerator(void);
/// The number of accelerators, after ct_load_accelerator; 0 if that fails.
int32_t ct_accelerator_count(void);
/// Sets the device on which the calling thread creates tensors: accelerator `index`, or the CPU for -1 (the default).
int ct_set_device(int32_t index);
/// The accelerator on which the calling thread creates tensors, or -1 for the CPU.
int32_t ct_current_device(void);
/// The free and total bytes of an accelerator's memory.
int ct_device_memory(int32_t index, int64_t *available, int64_t *total);
/// The accelerator of a tensor, or -1 for the CPU.
int32_t ct_device(ct_in tensor);

// MARK: Transfers

/// The tensor on accelerator `index`, or on the CPU for -1. The result shares memory if the tensor is already there.
int ct_to_device(ct_in tensor, int32_t index, ct_out result);
/// A CPU tensor on the calling thread's current device. If `waits` is 0, the copy is queued and the caller continues.
int ct_upload(ct_in tensor, int32_t waits, ct_out result);
/// Copies all elements in row-major order. The buffer must have room for all of them.
int ct_to_doubles(ct_in tensor, double *values);
int ct_to_int64(ct_in tensor, int64_t *values);
/// The memory of a contiguous CPU tensor, for reading or writing; valid until the tensor is freed.
int ct_bytes(ct_in tensor, void **result);
/// Starts to copy an int64 tensor to the host, behind the work that the current stream has so far.
int ct_host_copy_new(ct_in tensor, ct_host_copy **result);
/// Waits for the copy, not for later work of the device, and returns the elements in row-major order.
int ct_host_copy_read(ct_host_copy *copy, int64_t *values);
void ct_host_copy_free(ct_host_copy *copy);
/// The number of times that the calling thread has read tensors, which on a device waits for the device. Tensors on the
/// CPU count as well.
int64_t ct_host_reads(void);
/// The number of tensors that the calling thread has made of values of the host. On the CPU, they count as well.
int64_t ct_uploads(void);
/// The number of these tensors for which the calling thread waits if they are on a device.
int64_t ct_blocking_uploads(void);

// MARK: Creating and reading tensors

enum { CT_FLOAT32 = 0, CT_FLOAT64 = 1, CT_BFLOAT16 = 2, CT_INT64 = 3, CT_BOOL = 4 };

int ct_empty(const int64_t *sizes, int64_t rank, int32_t type, ct_out result);
/// Maps the first `count` elements of the file at `path`, shared with all other mappings. The file must have at least
/// that many elements.
int ct_from_file(const char *path, int64_t count, int32_t type, ct_out result);
int ct_full(const int64_t *sizes, int64_t rank, int32_t type, double value, ct_out result);
int ct_arange(int64_t count, int32_t type, ct_out result);
/// Standard normal numbers of the given sizes for each of `count` seeds, stacked along a new first dimension. They depend
/// on the seed and the sizes alone. The compute threads draw for different seeds at the same time.
int ct_normal(const int64_t *sizes, int64_t rank, int32_t type, const uint64_t *seeds, int64_t count, ct_out result);
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

// MARK: Shape

int ct_reshape(ct_in tensor, const int64_t *sizes, int64_t rank, ct_out result);
int ct_transpose(ct_in tensor, int64_t first, int64_t second, ct_out result);
int ct_contiguous(ct_in tensor, ct_out result);
int ct_narrow(ct_in tensor, int64_t dimension, int64_t start, int64_t length, ct_out result);
int ct_expand(ct_in tensor, const int64_t *sizes, int64_t rank, ct_out result);
int ct_concatenate(const ct_in *tensors, int64_t count, int64_t dimension, ct_out result);
int ct_index_select(ct_in tensor, int64_t dimension, ct_in index, ct_out result);
int ct_gather(ct_in tensor, int64_t dimension, ct_in index, ct_out result);
/// A copy of `tensor` with the slices of `source` added to its slices `index` along `dimension`.
int ct_index_add(ct_in tensor, int64_t dimension, ct_in index, ct_in source, ct_out result);
/// A copy of `tensor` with `value` at the positions `index` along `dimension`.
int ct_scatter(ct_in tensor, int64_t dimension, ct_in index, double value, ct_out result);

// MARK: Arithmetic

/// left + scale · right, with broadcasting.
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
/// The `count` largest elements along the last dimension, in descending order, and their indices.
int ct_topk(ct_in tensor, int64_t count, ct_out values, ct_out indices);
/// A copy of `tensor` with `other` at the positions at which `mask` is false.
int ct_keep(ct_in tensor, ct_in mask, double other, ct_out result);
/// The sum of the squares of all elements, a float64 scalar.
int ct_norm_squared(ct_in tensor, ct_out result);
/// Whether no element is NaN or infinite, a Boolean scalar.
int ct_is_finite(ct_in tensor, ct_out result);

// MARK: In-place operations, which autograd does not record

int ct_add_in_place(ct_in tensor, ct_in other, double scale);
int ct_scale_in_place(ct_in tensor, double factor);
int ct_zero(ct_in tensor);
int ct_copy(ct_in target, ct_in source);
/// One AdamW step on flat tensors by libtorch's fused kernel; `step` counts from 1.
int ct_adamw(
    ct_in parameters, ct_in gradients, ct_in first_moment, ct_in second_moment, double step, double rate, double beta1,
    double beta2, double epsilon, double decay);

// MARK: Layers

/// The rows `indices` of `table` [V, D]. The backward pass adds the rows of the gradient to the table's gradient, in
/// the type of the latter and in the order of the tokens.
int ct_embedding(ct_in table, ct_in indices, ct_out result);
/// The rows `index` of `tensor`. `uses` holds, for each row of `tensor`, the positions of its copies in the result: [R]
/// for one copy or [R, K]. The gradient is a sum of gathered rows, without atomic additions.
int ct_gather_rows(ct_in tensor, ct_in index, ct_in uses, ct_out result);
int ct_rms_norm(ct_in tensor, ct_in weight, double epsilon, ct_out result);
/// Rotary embedding of interleaved pairs: `tensor` is [B, S, H, d], `cosines` and `sines` are [S, d/2].
int ct_rotate(ct_in tensor, ct_in cosines, ct_in sines, ct_out result);
/// Causal attention: `queries` [B, H, S, d], `keys` [B, H, T, d], `values` [B, H, T, v]; the keys and values of one head
/// or one sequence serve all. The last query attends to all keys.
int ct_attention(ct_in queries, ct_in keys, ct_in values, double scale, ct_out result);
/// The heads of latent attention as its kernel reads them, each [B, S, H, d]: from `queries` [B, S, H, n + r],
/// `keys_values` [B, S, H, n + v] and the `rotary_keys` [B, S, r] of all heads. Rotates the r dimensions of queries and
/// keys as ct_rotate() does.
int ct_latent_heads(
    ct_in queries, ct_in keys_values, ct_in rotary_keys, ct_in cosines, ct_in sines, ct_out all_queries, ct_out all_keys,
    ct_out all_values);
/// Causal attention of the heads that ct_latent_heads() made, with values of `width`: [B, S, H · width] of `type`.
int ct_latent_attention(
    ct_in queries, ct_in keys, ct_in values, int64_t width, int32_t type, double scale, ct_out result);
/// The summed cross entropy of `logits` [N, V] against int64 `targets` [N]. Targets of -100 are ignored.
int ct_cross_entropy(ct_in logits, ct_in targets, ct_out result);
/// The sums [T, D] of `rows` [T · K, D] at the K `places` of each token, int64 [T, K]. Each row has one place.
int ct_merge(ct_in rows, ct_in places, ct_out result);

// MARK: Routing

/// Sorts rows by their groups, int64 numbers 0 ..< count: the row at each position of the sorted rows, in their order
/// within a group, the position of each row, and the number of rows per group.
int ct_group_rows(ct_in groups, int64_t count, ct_out order, ct_out places, ct_out counts);
/// Reorders `rows` rows in blocks of `counts` [R, L] rows from R-major to L-major order: the old row at each new
/// position, and the new position of each old row. The counts add up to `rows`.
int ct_regroup_rows(ct_in counts, int64_t rows, ct_out order, ct_out places);
/// Reorders `rows` rows so that `count` blocks follow each other, which begin at the old rows `starts` and have `counts`
/// rows: the old row at each new position, and the new position of each old row. Each row is in one block.
int ct_reorder_rows(
    const int64_t *starts, const int64_t *counts, int64_t count, int64_t rows, ct_out order, ct_out places);

// MARK: Deferred weight gradients

/// Creates an empty queue of the weight products of one backward pass.
int ct_weights_new(ct_weights **result);
void ct_weights_free(ct_weights *weights);
/// Computes all pending products and adds them to the gradients of their weights, in the order of the backward pass.
int ct_weights_run(ct_weights *weights);
/// The number of pending matrix products.
int64_t ct_weights_pending(const ct_weights *weights);
/// The number of weight products that have run on the calling thread so far.
int64_t ct_weight_products(void);

/// tensor · weightᵀ for a `weight` [out, in], computed in `type`, which is also the type of the result; -1 for the type
/// of `tensor`. The backward pass adds the product of the weight's gradient to `weights`.
int ct_linear(ct_in tensor, ct_in weight, int32_t type, ct_weights *weights, ct_out result);
/// The summed cross entropy of the logits tensor · weightᵀ of `tensor` [N, D] against int64 `targets` [N]. Targets of
/// -100 are ignored. The backward pass adds the product of the weight's gradient to `weights` and can run once.
int ct_linear_cross_entropy(ct_in tensor, ct_in weight, ct_in targets, ct_weights *weights, ct_out result);
/// SwiGLU experts on rows that are grouped by expert: `rows` [T, D], `counts` rows per expert. The weights are
/// `stack_count` stacks of the following experts: `up` [E, 2I, D] (gate rows, then up rows), `down` [E, D, I]. The weights
/// of a single expert may lack their first dimension. Each row of the result is multiplied by its element of `factors`
/// [T, 1], or by 1 if `factors` is NULL. The backward pass adds the products of the weights' gradients to `weights`.
int ct_experts(
    ct_in rows, ct_in factors, const int64_t *counts, int64_t expert_count, const ct_in *up, const ct_in *down,
    int32_t stack_count, ct_weights *weights, ct_out result);

// MARK: Profiling

/// A named range of a recording.
typedef struct ct_annotation ct_annotation;

/// Starts to record the operations of the calling thread, and the work of its accelerator.
int ct_profile_start(void);
/// Adds `key` with the value `json` to the file of the recording.
int ct_profile_describe(const char *key, const char *json);
/// Stops recording and writes Chrome-trace JSON to `path`.
int ct_profile_stop(const char *path);
int ct_annotation_begin(const char *name, ct_annotation **result);
void ct_annotation_end(ct_annotation *annotation);

// MARK: Autograd

/// A leaf that shares the tensor's values. It accumulates a gradient if `wanted` is not 0.
int ct_leaf(ct_in tensor, int32_t wanted, ct_out result);
/// A tensor that shares the values of `tensor`, and the leaf that accumulates its gradient. The leaf has no values, so
/// that the values live only as long as the result and the operations that save it.
int ct_input(ct_in tensor, ct_out leaf, ct_out result);
/// A tensor without values from which ct_backward() starts as from `tensor`.
int ct_root(ct_in tensor, ct_out result);
/// Frees the memory of a tensor's values. Operations that saved the tensor keep it without values.
int ct_free_values(ct_in tensor);
/// Moves the values of `source`, which loses them, to a tensor of the same layout whose values were freed.
int ct_take_values(ct_in tensor, ct_in source);
int ct_requires_gradient(ct_in tensor, int32_t *result);
/// Runs the backward pass from `outputs`. A null gradient means 1 and requires a scalar output.
int ct_backward(const ct_in *outputs, const ct_in *gradients, int64_t count);
/// The accumulated gradient of a leaf, or null.
int ct_gradient(ct_in tensor, ct_out result);
/// Makes `gradient` the buffer in which `tensor` accumulates its gradient, in the type of `gradient`; null removes the
/// buffer.
int ct_set_gradient(ct_in tensor, ct_in gradient);

// MARK: Process groups

/// A file of `bytes` zeros in memory. It is removed when its last descriptor and its last mapping are closed.
int ct_memory_file(int64_t bytes, int32_t *descriptor);
/// A store in a file, which must be new for each rendezvous.
int ct_file_store(const char *path, int64_t world_size, ct_store **result);
/// A TCP store. `listen_socket` is a bound socket that the server takes over, or -1.
int ct_tcp_store(
    const char *host, int32_t port, int32_t is_server, int64_t world_size, int64_t timeout_ms, int32_t listen_socket,
    ct_store **result);
/// A view of `store` in which all keys have a prefix.
int ct_prefix_store(const char *prefix, ct_store *store, ct_store **result);
void ct_store_free(ct_store *store);
int ct_store_set(ct_store *store, const char *key, const uint8_t *bytes, int64_t count);
/// Gives a key that has no value the value "-".
int ct_store_add_key(ct_store *store, const char *key);
/// Calls `receive` with the value of each key, in order. Waits until all keys have values.
int ct_store_get(
    ct_store *store, const char *const *keys, int32_t count, void *context,
    void (*receive)(void *context, int32_t index, const uint8_t *bytes, int64_t length));
/// A Gloo group that listens on the address `host`.
int ct_group_new(
    ct_store *store, int32_t rank, int32_t size, const char *host, int64_t timeout_ms, int32_t threads,
    ct_group **result);
/// The bytes of each member's region for ct_shared_group_new, all zero at first.
int64_t ct_shared_region_size(int32_t members, int64_t slots, int64_t capacity);
/// A group whose members exchange tensors in `regions`, one per member; see SharedMemoryBackend.h. `names` are the
/// members' ranks in messages.
int ct_shared_group_new(
    const ct_in *regions, const int32_t *names, int32_t size, int32_t rank, int64_t slots, int64_t capacity,
    int64_t timeout_ms, ct_group **result);
/// A group whose members are threads of this process; see ThreadBackend.h. `name` differs from that of all other groups;
/// `names` are the members' ranks in messages. Waits for all members.
int ct_thread_group_new(
    const char *name, const int32_t *names, int32_t rank, int32_t size, int64_t timeout_ms, ct_group **result);
/// Loads the library that ct_nccl_group_new needs. Later calls repeat the result of the first.
int ct_load_nccl(void);
/// The version of the loaded NCCL, such as 22907 for 2.29.7; 0 if it is unknown.
int32_t ct_nccl_version(void);
/// An NCCL group for tensors on the calling thread's current device. Sends and receives are matched by order; tags are
/// ignored. ct_work_wait() makes the device wait, not the caller.
///
/// `most_blocks` is the maximum number of CUDA blocks per operation; 0 leaves it to NCCL. The blocks of an urgent group
/// run before others that wait for room on the device.
int ct_nccl_group_new(
    ct_store *store, int32_t rank, int32_t size, int64_t timeout_ms, int32_t most_blocks, int32_t is_urgent,
    ct_group **result);
void ct_group_free(ct_group *group);
int ct_send(ct_group *group, ct_in tensor, int32_t peer, int32_t tag, ct_work **result);
int ct_receive(ct_group *group, ct_in tensor, int32_t peer, int32_t tag, ct_work **result);
/// Sums `tensor` over the group, in place.
int ct_all_reduce(ct_group *group, ct_in tensor, ct_work **result);
/// Copies the tensor of rank `root` to all ranks.
int ct_broadcast(ct_group *group, ct_in tensor, int32_t root, ct_work **result);
/// Gathers the `input` of all ranks in `output`, in rank order.
int ct_all_gather(ct_group *group, ct_in output, ct_in input, ct_work **result);
/// Sends `input_rows[r]` rows of `input` to each rank r and receives `output_rows[r]` rows of `output` from it.
int ct_all_to_all(
    ct_group *group, ct_in output, ct_in input, const int64_t *output_rows, const int64_t *input_rows,
    ct_work **result);
int ct_barrier(ct_group *group, ct_work **result);
int ct_work_wait(ct_work *work);
/// The time at which an all-reduce, all-gather or all-to-all of CPU tensors completed, in nanoseconds of the clock; 0
/// before that and for all other operations.
int64_t ct_work_end(ct_work *work);
void ct_work_free(ct_work *work);

#ifdef __cplusplus
}
#endif
