extension Schedule {
    /// Interleaved 1F1B: 1F1B over `chunks` stages a rank, stage s on rank s mod P.
    ///
    /// Micro-batches pass in groups of P: a group runs through every chunk before the next begins. Bubble
    /// (P-1)(F+B)/v a rank for v chunks where P divides M. Source: Narayanan et al., 2021; the order of compute is
    /// that of PyTorch's `ScheduleInterleaved1F1B`. Where P does not divide M, the groups are as equal as can be with
    /// none below P, the larger ones first; a group of fewer than P could not fill the pipeline and would wait in a
    /// circle with the backwards of the group before it.
    static func interleaved(ranks: Int, microbatches: Int, chunks: Int) -> Schedule {
        let groups = interleavedGroups(ranks: ranks, microbatches: microbatches)
        // The order in which every rank's forwards visit (chunk, micro-batch).
        let places = groups.flatMap { group in
            (0..<chunks).flatMap { chunk in group.map { (chunk: chunk, microbatch: $0) } }
        }
        let rows = (0..<ranks).map { rank in
            let warmUp = min((chunks - 1) * groups[0].count + 2 * (ranks - 1 - rank), places.count)
            func forward(_ place: (chunk: Int, microbatch: Int)) -> Step {
                Step(Action(.forward, stage: place.chunk * ranks + rank, microbatch: place.microbatch))
            }
            func backward(_ place: (chunk: Int, microbatch: Int)) -> Step {
                let stage = (chunks - 1 - place.chunk) * ranks + rank
                return Step(Action(.backward, stage: stage, microbatch: place.microbatch))
            }
            var steps = places[..<warmUp].map(forward)
            for index in places.indices {
                if warmUp + index < places.count { steps.append(forward(places[warmUp + index])) }
                steps.append(backward(places[index]))
            }
            return steps
        }
        let stages = ranks * chunks
        let chain = Chain(
            stages: 0..<stages, ranks: (0..<stages).map { $0 % ranks }, microbatchCount: microbatches)
        return Schedule(name: "Interleaved 1F1B", chains: [chain], rows: rows)
    }

    private static func interleavedGroups(ranks: Int, microbatches: Int) -> [Range<Int>] {
        let count = max(1, microbatches / ranks)
        let (size, larger) = microbatches.quotientAndRemainder(dividingBy: count)
        return (0..<count).map { index in
            let start = index * size + min(index, larger)
            return start..<start + size + (index < larger ? 1 : 0)
        }
    }
}
