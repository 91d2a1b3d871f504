// The order of rows that are sent to experts, computed on the device: the host reads nothing and no two threads add to
// the same element.
#include "Guard.h"
#include "Transfers.h"

using namespace contraflow;

namespace {

/// The numbers 0 ..< count on the device of `like`.
at::Tensor range(int64_t count, const at::Tensor &like) { return at::arange(count, like.options()); }

/// The index of the block that has each of the rows 0 ..< count, given the ends of consecutive blocks.
at::Tensor blocks(const at::Tensor &ends, const at::Tensor &rows) {
    return at::searchsorted(ends, rows, /*out_int32=*/false, /*right=*/true);
}

}  // namespace

int ct_group_rows(ct_in groups, int64_t count, ct_out order, ct_out places, ct_out counts) {
    return guarded([&] {
        at::NoGradGuard guard;
        auto [sorted, index] = groups->flatten().sort(/*stable=*/true, /*dim=*/0, /*descending=*/false);
        auto inverse = at::empty_like(index).scatter_(0, index, range(index.size(0), index));
        auto ends = blocks(sorted, range(count, index));
        auto sizes = at::diff(ends, 1, -1, at::zeros({1}, ends.options()));
        *order = new ct_tensor{index};
        *places = new ct_tensor{inverse};
        *counts = new ct_tensor{sizes};
    });
}

int ct_regroup_rows(ct_in counts, int64_t rows, ct_out order, ct_out places) {
    return guarded([&] {
        at::NoGradGuard guard;
        auto transposed = counts->t().contiguous();
        auto old_ends = counts->flatten().cumsum(0), new_ends = transposed.flatten().cumsum(0);
        auto old_starts = (old_ends.view_as(*counts) - *counts).t();
        auto new_starts = new_ends.view_as(transposed) - transposed;
        // The distance of each block's old rows from its new rows.
        auto shifts = old_starts - new_starts;
        auto numbers = range(rows, *counts);
        auto shift = [&](const at::Tensor &ends, const at::Tensor &of_block) {
            return of_block.flatten().index_select(0, blocks(ends, numbers));
        };
        auto from = numbers + shift(new_ends, shifts), to = numbers - shift(old_ends, shifts.t());
        *order = new ct_tensor{from};
        *places = new ct_tensor{to};
    });
}

int ct_reorder_rows(
    const int64_t *starts, const int64_t *counts, int64_t count, int64_t rows, ct_out order, ct_out places) {
    return guarded([&] {
        at::NoGradGuard guard;
        // The distance of each block's old rows from its new rows, and the end of its new rows.
        auto shifts = at::empty({count}, at::kLong), ends = at::empty({count}, at::kLong);
        int64_t end = 0;
        for (int64_t block = 0; block < count; block++) {
            shifts.data_ptr<int64_t>()[block] = starts[block] - end;
            ends.data_ptr<int64_t>()[block] = end += counts[block];
        }
        TORCH_CHECK(end == rows, "blocks of ", end, " rows do not make ", rows, " rows");
        auto table = uploaded(at::stack({ends, shifts}), Upload::queued);
        auto numbers = range(rows, table);
        auto from = numbers + table[1].index_select(0, blocks(table[0], numbers));
        *order = new ct_tensor{from};
        *places = new ct_tensor{at::empty_like(from).scatter_(0, from, numbers)};
    });
}
