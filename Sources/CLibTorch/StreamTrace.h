// What a thread's streams do: the events that they record and wait for, and the memory that they read and write.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "Guard.h"

namespace contraflow {

/// The kinds of steps, with the numbers of the C interface.
enum class Step : int32_t {
    /// A stream records an event.
    record = CT_STEP_RECORD,
    /// A stream waits for an event.
    wait = CT_STEP_WAIT,
    /// The host waits for an event.
    synchronize = CT_STEP_SYNCHRONIZE,
    /// A stream reads a block of memory.
    read = CT_STEP_READ,
    /// A stream writes a block.
    write = CT_STEP_WRITE,
    /// A block is allocated from the memory of a stream.
    allocate = CT_STEP_ALLOCATE,
    /// The memory of a block returns to its stream.
    free = CT_STEP_FREE,
    /// A block is not reused before a stream has done what it had to do when the block was freed.
    keep = CT_STEP_KEEP,
};

/// The steps of one or several threads in the order in which the threads issued them.
class StreamTrace final {
   public:
    struct Entry {
        Step step;
        /// The number of the thread that issued the step.
        int64_t thread;
        int64_t stream;
        /// The number of an event or of a block.
        int64_t object;
        const char *name;
    };

    /// Adds a step that concerns an event.
    void add(Step step, int64_t stream, int64_t event);
    /// Adds a step that concerns the memory of a tensor.
    void add(Step step, int64_t stream, const at::Tensor &tensor, const char *name);
    /// Adds an exchange of `stream`, which begins after the current stream's work so far. Returns the event of its end.
    int64_t add_exchange(
        int64_t stream, const std::vector<at::Tensor> &reads, const std::vector<at::Tensor> &writes, const char *name);
    /// Adds a wait of the host for the current stream.
    void add_synchronization();
    void add_allocation(const void *data);
    void add_free(const void *data);

    /// Returns all steps so far.
    std::vector<Entry> entries();

   private:
    struct Block {
        int64_t number;
        int64_t stream;
    };

    /// The block at an address, a new one if none is known.
    Block &block(const void *data);
    void append(Step step, int64_t stream, int64_t object, const char *name);

    std::mutex mutex;
    std::vector<Entry> steps;
    std::map<const void *, Block> blocks;
    int64_t last_block = 0;
};

/// The trace of the calling thread; null unless it is recorded.
extern thread_local std::shared_ptr<StreamTrace> trace;

}  // namespace contraflow
