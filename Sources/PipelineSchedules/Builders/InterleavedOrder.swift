/// The order in which every rank of an interleaved schedule runs its chunks and micro-batches. The micro-batches form
/// groups of at least P, or one group if there are fewer. A group runs through every chunk before the next group
/// begins. Backwards have the same order with the chunks reversed.
struct InterleavedOrder {
    private let ranks: Int
    private let microbatches: Int
    private let chunks: Int
    private let visits: [(chunk: Int, microbatch: Int)]
    /// The number of forwards of the first group through all chunks but the last. Every rank starts with them.
    private let warmUp: Int

    init(ranks: Int, microbatches: Int, chunks: Int) {
        self.ranks = ranks
        self.microbatches = microbatches
        self.chunks = chunks
        let groups = EqualShares(of: microbatches, into: max(1, microbatches / ranks))
        visits = groups.flatMap { group in
            (0..<chunks).flatMap { chunk in group.map { (chunk: chunk, microbatch: $0) } }
        }
        warmUp = (chunks - 1) * groups[0].count
    }

    /// The number of forwards per rank, which is also that of backwards.
    var count: Int { visits.count }

    func forward(_ index: Int, _ rank: Int) -> Action {
        Action(.forward, stage: visits[index].chunk * ranks + rank, microbatch: visits[index].microbatch)
    }

    func backward(_ index: Int, _ rank: Int) -> Action {
        let stage = (chunks - 1 - visits[index].chunk) * ranks + rank
        return Action(.backward, stage: stage, microbatch: visits[index].microbatch)
    }

    /// Returns the schedule in which each rank starts with the warm-up and `ahead(rank)` more forwards. For each
    /// backward, `write` then appends the backward, given by its index, and the next forward; nil if no forward is
    /// left.
    func schedule(
        _ name: String, ahead: (_ rank: Int) -> Int,
        write: (_ steps: inout [Step], _ rank: Int, _ index: Int, _ forward: Action?) -> Void
    ) -> Schedule {
        let rows = (0..<ranks).map { rank in
            let ahead = min(warmUp + ahead(rank), count)
            var steps = (0..<ahead).map { Step(forward($0, rank)) }
            for index in 0..<count {
                write(&steps, rank, index, ahead + index < count ? forward(ahead + index, rank) : nil)
            }
            return steps
        }
        let chain = Chain.looped(ranks: ranks, microbatches: microbatches, chunks: chunks)
        return Schedule(name: name, chains: [chain], rows: rows)
    }
}
