extension BruteForce {
    /// The least longest time over all replica counts, if the heaviest share is paired with the lightest.
    static func pairedTime(_ loads: [Double], slots: Int) -> Double {
        var best = Double.infinity
        var counts = [Int](repeating: 1, count: loads.count)
        func visit(_ expert: Int, _ left: Int) {
            guard expert < loads.count - 1 else {
                counts[expert] = 1 + left
                let shares = zip(loads, counts).flatMap { [Double](repeating: $0 / Double($1), count: $1) }.sorted()
                let pairs = (0..<slots / 2).map { shares[$0] + shares[slots - 1 - $0] }
                best = min(best, pairs.max() ?? 0)
                return
            }
            for extra in 0...left {
                counts[expert] = 1 + extra
                visit(expert + 1, left - extra)
            }
        }
        visit(0, slots - loads.count)
        return best
    }
}
