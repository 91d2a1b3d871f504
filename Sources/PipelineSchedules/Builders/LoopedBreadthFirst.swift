extension Schedule {
    /// Looped breadth-first: every micro-batch runs forward through a chunk before any enters the next. Backwards run
    /// through the chunks in reverse.
    ///
    /// Stage s is on rank s mod P. The bubble is (P-1)(F+B)/v per rank for v chunks. A rank holds M·v activations, each
    /// of 1/v of its share of the model. The order suits sharded data parallelism: each chunk's parameters are gathered
    /// once per pass. Source: Lamy-Poirier, "Breadth-First Pipeline Parallelism", 2023; the order is that of PyTorch's
    /// `ScheduleLoopedBFS`, which runs the backward of the last micro-batch first.
    static func loopedBreadthFirst(ranks: Int, microbatches: Int, chunks: Int) -> Schedule {
        let rows = (0..<ranks).map { rank in
            let stages = (0..<chunks).map { $0 * ranks + rank }
            var steps: [Step] = []
            steps.reserveCapacity(2 * chunks * microbatches)
            for stage in stages {
                for microbatch in 0..<microbatches {
                    steps.append(Step(Action(.forward, stage: stage, microbatch: microbatch)))
                }
            }
            for stage in stages.reversed() {
                for microbatch in (0..<microbatches).reversed() {
                    steps.append(Step(Action(.backward, stage: stage, microbatch: microbatch)))
                }
            }
            return steps
        }
        return Schedule(
            name: "Looped BFS", chains: [.looped(ranks: ranks, microbatches: microbatches, chunks: chunks)], rows: rows)
    }
}
