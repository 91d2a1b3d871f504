/// Swaps neighbouring segments until no swap is an improvement.
struct OverlapLocalSearch {
    /// How often all neighbours are looked at, and how many segments may run for that.
    private static let most = (passes: 8, order: 4_000_000)

    private(set) var order: [OverlapPlan.Pass]
    private(set) var score: OverlapScore

    /// Improves `order`, which suits the problem. O(segments²) a pass.
    init(_ order: [OverlapPlan.Pass], _ tables: OverlapTables) {
        self.order = order
        score = OverlapScore()
        tables.withPointers { pointers in
            var scorer = OverlapScorer(pointers)
            if let first = scorer.score(order) { score = first }
            let passes = Self.most.order / max(order.count * order.count, 1)
            for _ in 0..<min(passes, Self.most.passes) {
                guard pass(&scorer) else { return }
            }
        }
    }

    /// Whether any neighbours were swapped.
    private mutating func pass(_ scorer: inout OverlapScorer) -> Bool {
        var hasChanged = false
        for index in order.indices.dropLast() where order[index] != order[index + 1] {
            order.swapAt(index, index + 1)
            if let changed = scorer.score(order), changed < score {
                score = changed
                hasChanged = true
            } else {
                order.swapAt(index, index + 1)
            }
        }
        return hasChanged
    }
}
