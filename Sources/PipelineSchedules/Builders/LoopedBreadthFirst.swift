extension Schedule {
    /// Looped breadth-first: every micro-batch runs through a chunk before any enters the next, then all the way back.
    ///
    /// Stage s lives on rank s mod P. Bubble (P-1)(F+B)/v per rank for v chunks; M·v activations of 1/v each. What it
    /// is for is sharded data parallelism: each chunk's parameters are gathered once a pass. Source: Lamy-Poirier,
    /// "Breadth-First Pipeline Parallelism", 2023; the order is that of PyTorch's `ScheduleLoopedBFS`, whose backwards
    /// take the last micro-batch first.
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
