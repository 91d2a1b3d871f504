/// The tokens that each rank sends to each slot of a layer in a micro-batch, from the counts of all ranks and the tokens
/// that each slot takes. All ranks compute the same assignment, in integers.
public struct TokenAssignment: Hashable, Sendable {
    /// The tokens that rank r sends to slot s: `tokens[r * slotCount + s]`.
    public let tokens: [Int]
    /// The first slot of each rank, then the number of slots.
    public let offsets: [Int]
    /// The slots that take tokens, by expert, then by slot.
    private let shares: [ReplicaShare]

    /// The number of ranks.
    public var rankCount: Int { offsets.count - 1 }
    /// The number of slots of all ranks.
    public var slotCount: Int { offsets[rankCount] }

    /// Assigns the tokens. The slots of a rank first take tokens of this rank, then tokens of the other ranks in
    /// ascending order.
    ///
    /// - Parameters:
    ///   - counts: The tokens of each rank for each expert: `ranks × experts`.
    ///   - expertCount: The number of experts.
    ///   - shares: The tokens that each slot takes, by expert, then by slot. Those of an expert add up to its counts.
    ///   - offsets: The first slot of each rank, then the number of slots.
    /// - Complexity: O(ranks × (experts + slots)).
    public init(counts: [Int], expertCount: Int, shares: [ReplicaShare], offsets: [Int]) {
        let (ranks, slots) = (offsets.count - 1, offsets[offsets.count - 1])
        precondition(counts.count == ranks * expertCount, "there is a count for each rank and expert")
        var rankOfSlot = [Int](repeating: 0, count: slots)
        for rank in 0..<ranks { for slot in offsets[rank]..<offsets[rank + 1] { rankOfSlot[slot] = rank } }
        var tokens = [Int](repeating: 0, count: ranks * slots)
        var left = counts
        // The tokens that each share has left for other ranks than its own.
        let rooms = shares.map { share in
            let rank = rankOfSlot[share.slot]
            let local = min(left[rank * expertCount + share.expert], share.tokens)
            tokens[rank * slots + share.slot] = local
            left[rank * expertCount + share.expert] -= local
            return share.tokens - local
        }
        var source = 0
        for (index, share) in shares.enumerated() {
            if index > 0, shares[index - 1].expert != share.expert { source = 0 }
            var room = rooms[index]
            while room > 0 {
                while left[source * expertCount + share.expert] == 0 { source += 1 }
                let sent = min(left[source * expertCount + share.expert], room)
                tokens[source * slots + share.slot] += sent
                left[source * expertCount + share.expert] -= sent
                room -= sent
            }
        }
        self.tokens = tokens
        self.offsets = offsets
        self.shares = shares
    }

    /// Returns the tokens that rank `source` sends to rank `target`. O(slots of the target).
    public func tokens(from source: Int, to target: Int) -> Int {
        let row = source * slotCount
        return tokens[row + offsets[target]..<row + offsets[target + 1]].reduce(0, +)
    }

    /// Returns the tokens that each rank computes. O(ranks × slots).
    public var tokensOfRank: [Int] {
        (0..<rankCount).map { target in (0..<rankCount).reduce(0) { $0 + tokens(from: $1, to: target) } }
    }

    /// Returns the tokens of rank `rank` as blocks in the order of slots, if the rank has its tokens sorted by expert: the
    /// first token and the number of tokens of each slot. O(experts + slots).
    ///
    /// - Parameter counts: The tokens of the rank for each expert.
    public func blocks(ofRank rank: Int, counts: some Sequence<Int>) -> [(start: Int, count: Int)] {
        var starts: [Int] = []
        var start = 0
        for count in counts {
            starts.append(start)
            start += count
        }
        var blocks = [(start: Int, count: Int)](repeating: (0, 0), count: slotCount)
        for share in shares {
            let count = tokens[rank * slotCount + share.slot]
            blocks[share.slot] = (starts[share.expert], count)
            starts[share.expert] += count
        }
        return blocks
    }
}
