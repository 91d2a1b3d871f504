/// A local search that swaps neighbouring segments until no swap is an improvement.
struct OverlapLocalSearch {
    /// The limits of a search: the passes over all neighbours, and the segments that they simulate in total.
    private static let limits = (passes: 8, segments: 4_000_000)

    private(set) var order: [OverlapPlan.Pass]
    private(set) var score: OverlapScore

    /// Improves `order`, which must fit the problem. O(segments²) per pass.
    init(_ order: [OverlapPlan.Pass], _ tables: OverlapTables) {
        self.order = order
        score = OverlapScore()
        tables.withPointers { pointers in
            var scorer = OverlapScorer(pointers)
            if let first = scorer.score(order) { score = first }
            let passes = Self.limits.segments / max(order.count * order.count, 1)
            for _ in 0..<min(passes, Self.limits.passes) {
                guard pass(&scorer) else { return }
            }
        }
    }

    /// Makes one pass and returns whether any neighbours were swapped.
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
