"""Writes traces as the PyTorch profiler does, of two ranks that run Mixture-of-Experts layers and exchange tokens.

    python3 Examples/data/make_trace.py FOLDER

Attention and experts run on one stream, dispatch and combine on a second one, partly under computation. An exchange ends on
both ranks at once. Rank 1 has the busier experts, so that rank 0 waits in each combine. The same files come out each time.
"""

import json
import pathlib
import random
import sys

RANKS, LAYERS = 2, 12


def main(folder):
    rng = random.Random(1)
    events = [[] for _ in range(RANKS)]

    def kernel(rank, name, stream, start, length):
        """Adds a kernel and the launch that started it; times in microseconds."""
        correlation = len(events[rank])
        events[rank] += [
            {"ph": "X", "cat": "cuda_runtime", "name": "cudaLaunchKernel", "pid": 1, "tid": 1,
             "ts": start - 8, "dur": 4, "args": {"correlation": correlation}},
            {"ph": "X", "cat": "kernel", "name": name, "pid": 0, "tid": stream, "ts": start, "dur": length,
             "args": {"device": 0, "stream": stream, "correlation": correlation}}]
        return start + length

    def exchange(name, starts, length):
        """Adds an exchange that begins on each rank when its tokens are there and ends on all at once."""
        end = max(starts) + length
        for rank, start in enumerate(starts):
            kernel(rank, name, 20, start, end - start)
        return end

    clocks = [1000.0] * RANKS
    for _ in range(LAYERS):
        ready = [kernel(rank, "flash_fwd_kernel", 7, clocks[rank], 180 + rng.uniform(0, 20)) + 5 for rank in range(RANKS)]
        arrived = exchange("deep_ep::internode::dispatch<8, 1024>", ready, 190 + rng.uniform(0, 30)) + 5
        for rank in range(RANKS):
            kernel(rank, "sm90_bf16_gemm_shared_experts", 7, ready[rank], 150)
        experts = [(340, 420)[rank] + rng.uniform(0, 60) for rank in range(RANKS)]
        sent = [kernel(rank, "sm90_bf16_grouped_gemm", 7, arrived, experts[rank]) - 40 for rank in range(RANKS)]
        clocks = [exchange("deep_ep::internode::combine<8, 1024>", sent, 160 + rng.uniform(0, 30)) + 10] * RANKS

    folder.mkdir(parents=True, exist_ok=True)
    for rank in range(RANKS):
        about = {"backend": "nccl", "rank": rank, "world_size": RANKS}
        trace = {"schemaVersion": 1, "distributedInfo": about, "traceEvents": events[rank]}
        (folder / f"rank{rank}.json").write_text(json.dumps(trace))


main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "."))
