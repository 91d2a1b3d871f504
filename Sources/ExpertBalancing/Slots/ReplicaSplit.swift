/// The rule that divides the tokens of an expert among its slots.
public enum ReplicaSplit: String, CaseIterable, Sendable {
    /// The largest rank computes the fewest tokens that the slots allow, from the counts of the micro-batch; see
    /// ``ReplicaPlanner``.
    case exact
    /// All slots of an expert take equally many tokens.
    case equal
    /// A slot takes the tokens of its own rank. The slots of an expert take equally many of the other tokens.
    case nearest
}

extension ExpertSlots {
    /// Returns the tokens that each slot takes without regard to the loads of ranks: those of ``ReplicaSplit/nearest`` or
    /// of ``ReplicaSplit/equal``, by expert, then by slot.
    ///
    /// - Parameter counts: The tokens of each rank for each expert: `ranks × experts`.
    /// - Complexity: O(ranks × experts + slots).
    public func fixedShares(counts: [Int], isNearest: Bool) -> [ReplicaShare] {
        var slots = [[(slot: Int, rank: Int)]](repeating: [], count: expertCount)
        for rank in owned.indices {
            for (index, expert) in (owned[rank] + replicas[rank]).enumerated() {
                slots[expert].append((offsets[rank] + index, rank))
            }
        }
        return slots.indices.flatMap { expert in
            let slots = slots[expert]
            let total = (0..<rankCount).reduce(0) { $0 + counts[$1 * expertCount + expert] }
            let own = slots.map { isNearest ? counts[$0.rank * expertCount + expert] : 0 }
            let rest = total - own.reduce(0, +)
            return slots.indices.map { index in
                // The first slots take the remainder.
                let part = rest / slots.count + (index < rest % slots.count ? 1 : 0)
                return ReplicaShare(expert: expert, slot: slots[index].slot, tokens: own[index] + part)
            }
        }
    }
}
