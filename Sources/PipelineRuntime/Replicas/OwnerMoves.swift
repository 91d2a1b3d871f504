import ExpertBalancing

/// The moves of experts to new owners in a layer, as one rank of an expert-parallel group sees them.
struct OwnerMoves {
    /// The positions, among the experts that the rank has owned, of those that move to each rank, in ascending order.
    let sent: [[Int]]
    /// The number of experts that come from each rank.
    let receivedCounts: [Int]
    /// The row of each expert that the rank owns afterwards, among those that it has owned and those that have come.
    let order: [Int]

    init(from old: ExpertSlots, to new: ExpertSlots, rank: Int) {
        let ranks = 0..<old.rankCount
        let before = old.owned[rank]
        sent = ranks.map { target in
            target == rank ? [] : before.indices.filter { new.owners[before[$0]] == target }
        }
        let received = ranks.map { source in
            source == rank ? [] : old.owned[source].filter { new.owners[$0] == rank }
        }
        receivedCounts = received.map(\.count)
        let rows = before.map { new.owners[$0] == rank ? $0 : -1 } + received.joined()
        order = new.owned[rank].map { expert in rows.firstIndex(of: expert) ?? 0 }
    }
}
