/// The search for a limit: bounds from fractions of counts, then whole counts.
extension PairedCounts {
    /// The relative gap between longest time and bound at which the search ends.
    private static let resolution = 0.0005
    /// The usual number of slots that a limit frees if it is twice as long.
    private static let slotsPerTime = 100.0

    /// Improves ``counts`` and raises `bound` to ``lowerBound``. The caller has filled ``counts`` and ``weights``.
    ///
    /// - Complexity: O((experts + buckets) × pivots).
    mutating func solve(bound: Double, effort: OptimalPolicy.Effort) {
        lowerBound = bound
        longestTime = pairedTime(of: counts)
        guard spareSlots > 0 else {
            lowerBound = longestTime
            return
        }
        for expert in 0..<experts { extraCount[expert] = 0 }
        clearTies()
        let isQuick = effort == .quick
        workLeft = isQuick ? 31 : 200
        raiseBound(tries: isQuick ? 3 : 6)
        if longestTime > lowerBound * (isQuick ? 1.012 : 1.005) {
            lowerLimit(
                tries: isQuick ? 3 : 16, first: isQuick ? 0.5 : 0.3, lightCounts: isQuick ? 2 : 3,
                candidates: isQuick ? 8 : 24)
        }
        workLeft = isQuick ? 24 : 400
        improveCounts(tries: isQuick ? 2 : 8, part: isQuick ? 0.5 : 0.2)
    }

    /// Lowers the longest time by exchanges of slots.
    private mutating func lowerLimit(tries: Int, first: Double, lightCounts: Int, candidates: Int) {
        // The listed rows change, so the basis does not apply any longer.
        clearTies()
        var part = first
        for _ in 0..<tries where longestTime > lowerBound * (1 + Self.resolution) {
            let before = longestTime
            guard list(lowerBound + (longestTime - lowerBound) * part, lightCounts: lightCounts) else {
                part = (1 + part) / 2
                continue
            }
            exchangeSlots(candidates: candidates)
            if longestTime > before * (1 - 1e-4) { part = (1 + part) / 2 }
        }
    }

    /// Raises the bound to the largest limit at which even fractions of counts do not suffice. The first steps assume
    /// how many slots a longer limit frees; later steps interpolate.
    private mutating func raiseBound(tries: Int) {
        var low = (time: lowerBound, worth: -Double.infinity)
        var high = (time: longestTime, worth: Double.infinity)
        var time = low.time + 0.3 * (high.time - low.time)
        for _ in 0..<tries {
            guard high.time > low.time * (1 + Self.resolution) else { return }
            let isPossible = start(time)
            let outcome = isPossible ? optimize(findsWorth: true) : .negative
            switch outcome {
            case .negative:
                lowerBound = max(lowerBound, time * (1 - 1e-9))
                low = (time, isPossible ? worth : -.infinity)
            case .optimal:
                round()
                high = (min(time, longestTime), worth)
            case .stopped:
                // The last prices may still be a proof.
                if compareAllCounts() == .negative { lowerBound = max(lowerBound, time * (1 - 1e-9)) }
                return
            }
            var next = (low.time + high.time) / 2
            if low.worth.isFinite, high.worth.isFinite {
                next = low.time + (high.time - low.time) * -low.worth / (high.worth - low.worth)
            } else if isPossible {
                next = time * (1 - worth / Self.slotsPerTime)
            }
            let least = 0.05 * (high.time - low.time)
            time = min(max(next, low.time + least), high.time - least)
        }
    }

    /// Decides limits between the bound and the longest time, and so improves both.
    private mutating func improveCounts(tries: Int, part: Double) {
        var low = lowerBound
        for _ in 0..<tries where longestTime > lowerBound * (1 + Self.resolution) && workLeft > 0 {
            let time = low + (longestTime - low) * part
            guard start(time) else { return }
            switch decide() {
            case .reached where longestTime <= time * (1 + Self.resolution): break
            case .impossible:
                lowerBound = max(lowerBound, time * (1 - 1e-9))
                low = time
            default: low = time
            }
        }
    }
}
