/// The waits of ranks for each other.
struct WaitGraph {
    /// The ranks that each rank waits for.
    private let peers: [[Int]]

    init(_ beats: [RankBeat]) {
        peers = beats.map { beat in beat.peers.filter(beats.indices.contains) }
    }

    /// Returns the ranks that `rank` waits for, directly or through others. `rank` is among them if they wait for it.
    func awaited(by rank: Int) -> Set<Int> { Self.reached(from: rank, peers) }

    /// Returns the other ranks that wait for `rank`, directly or through others, in ascending order.
    func waiting(for rank: Int) -> [Int] {
        var reversed = [[Int]](repeating: [], count: peers.count)
        for (waiting, awaited) in peers.enumerated() { for peer in awaited { reversed[peer].append(waiting) } }
        return Self.reached(from: rank, reversed).subtracting([rank]).sorted()
    }

    private static func reached(from rank: Int, _ next: [[Int]]) -> Set<Int> {
        var reached: Set<Int> = []
        var rest = next[rank]
        while let other = rest.popLast() { if reached.insert(other).inserted { rest += next[other] } }
        return reached
    }
}
