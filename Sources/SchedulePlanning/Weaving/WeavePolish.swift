/// Turns changed until no two neighbours had better change places.
struct WeavePolish {
    /// How often all neighbours are looked at, and how many turns may run for that.
    private static let most = (passes: 8, turns: 4_000_000)

    private(set) var turns: [Weave.Turn]
    private(set) var score: WeaveScore

    /// Improves `turns`, which suit the problem. O(turns²) a pass.
    init(_ turns: [Weave.Turn], _ tables: WeaveTables) {
        self.turns = turns
        score = WeaveScore()
        tables.withPointers { pointers in
            var scorer = WeaveScorer(pointers)
            if let first = scorer.score(turns) { score = first }
            let passes = Self.most.turns / max(turns.count * turns.count, 1)
            for _ in 0..<min(passes, Self.most.passes) {
                guard pass(&scorer) else { return }
            }
        }
    }

    /// Whether any neighbours have changed places.
    private mutating func pass(_ scorer: inout WeaveScorer) -> Bool {
        var hasChanged = false
        for index in turns.indices.dropLast() where turns[index] != turns[index + 1] {
            turns.swapAt(index, index + 1)
            if let changed = scorer.score(turns), changed < score {
                score = changed
                hasChanged = true
            } else {
                turns.swapAt(index, index + 1)
            }
        }
        return hasChanged
    }
}
