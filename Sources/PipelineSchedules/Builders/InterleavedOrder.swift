/// The order in which every rank of an interleaved schedule visits its chunks and micro-batches: groups of at least P
/// micro-batches, each through every chunk before the next begins; backwards the same with the chunks reversed.
struct InterleavedOrder {
    private let ranks: Int
    private let microbatches: Int
    private let chunks: Int
    private let visits: [(chunk: Int, microbatch: Int)]
    /// The number of forwards the last rank runs before its first backward, less one.
    let warmUp: Int

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

    /// The number of visits.
    var count: Int { visits.count }

    func forward(_ index: Int, _ rank: Int) -> Action {
        Action(.forward, stage: visits[index].chunk * ranks + rank, microbatch: visits[index].microbatch)
    }

    func backward(_ index: Int, _ rank: Int) -> Action {
        let stage = (chunks - 1 - visits[index].chunk) * ranks + rank
        return Action(.backward, stage: stage, microbatch: visits[index].microbatch)
    }

    func schedule(_ name: String, row: (_ rank: Int) -> [Step]) -> Schedule {
        let chain = Chain.looped(ranks: ranks, microbatches: microbatches, chunks: chunks)
        return Schedule(name: name, chains: [chain], rows: (0..<ranks).map(row))
    }
}
