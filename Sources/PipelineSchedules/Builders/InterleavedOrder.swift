/// The order in which every rank of an interleaved schedule visits its (chunk, micro-batch) places: groups of at least P
/// micro-batches, each through every chunk before the next begins; backwards the same with the chunks reversed.
struct InterleavedOrder {
    private let ranks: Int
    private let microbatches: Int
    private let chunks: Int
    private let places: [(chunk: Int, microbatch: Int)]
    /// How many forwards the last rank runs before its first backward, less one.
    let warmUp: Int

    init(ranks: Int, microbatches: Int, chunks: Int) {
        self.ranks = ranks
        self.microbatches = microbatches
        self.chunks = chunks
        let groups = EqualShares(of: microbatches, into: max(1, microbatches / ranks))
        places = groups.flatMap { group in
            (0..<chunks).flatMap { chunk in group.map { (chunk: chunk, microbatch: $0) } }
        }
        warmUp = (chunks - 1) * groups[0].count
    }

    /// How many places there are.
    var count: Int { places.count }

    func forward(_ index: Int, _ rank: Int) -> Action {
        Action(.forward, stage: places[index].chunk * ranks + rank, microbatch: places[index].microbatch)
    }

    func backward(_ index: Int, _ rank: Int) -> Action {
        let stage = (chunks - 1 - places[index].chunk) * ranks + rank
        return Action(.backward, stage: stage, microbatch: places[index].microbatch)
    }

    func schedule(_ name: String, row: (_ rank: Int) -> [Step]) -> Schedule {
        let chain = Chain.looped(ranks: ranks, microbatches: microbatches, chunks: chunks)
        return Schedule(name: name, chains: [chain], rows: (0..<ranks).map(row))
    }
}
