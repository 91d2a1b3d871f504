/// A search for the number of replicas of each expert, and for a lower bound, if every device has two slots and the
/// same speed.
///
/// With two slots per device, the best packing pairs the heaviest replica with the lightest, so only the counts of
/// replicas matter. A longest time T is possible only if, for every y, there are at most as many shares above T − y as
/// shares of at most y, because each of the former needs one of the latter beside it. Each such condition is a row of a
/// covering program. Counts that cover all rows within the spare slots reach T. Prices on the rows (Lagrange
/// multipliers) prove that T is impossible if all counts have a negative worth at these prices.
///
/// The search keeps each column of experts, shares and rows in a buffer of its own, which all layers share.
struct PairedCounts: ~Copyable {
    /// The number of buckets for shares from 0 to half of the limit.
    static let buckets = 1024

    let experts: Int
    let devices: Int
    let slotCount: Int
    var spareSlots: Int { slotCount - experts }

    /// The loads, the heaviest first.
    let weights: ScratchBuffer<Double>
    /// The number of replicas for each of the loads.
    let counts: ScratchBuffer<Int32>
    /// A lower bound on the longest time of all counts.
    var lowerBound = 0.0
    /// The longest time of ``counts``.
    var longestTime = 0.0

    /// A number of replicas that an expert may have. It changes the coverage of `row` by `gain` and takes `cost`
    /// additional slots.
    struct Option {
        var gain: Double
        var cost: Double
        var row: Int32
    }

    let options: ScratchBuffer<Option>
    let firstOption: ScratchBuffer<Int32>
    let chosen: ScratchBuffer<Int32>
    let trial: ScratchBuffer<Int32>
    let rowOfBucket: ScratchBuffer<Int32>
    let bucketOfRow: ScratchBuffer<Int32>
    /// The price of each row.
    let rowPrice: ScratchBuffer<Double>
    /// For each row, the sum of the prices of that row and all later rows.
    let price: ScratchBuffer<Double>
    /// The change of coverage at each row. The coverage of a row is the sum up to that row: an excess of light replicas
    /// if it is above 0, a deficit if it is below 0.
    let coverage: ScratchBuffer<Double>
    let direction: ScratchBuffer<Double>
    let bucketPrice: ScratchBuffer<Double>
    let runShare: ScratchBuffer<Double>
    let runCount: ScratchBuffer<Int32>
    /// An additional count to list for each expert, or 0.
    let extraCount: ScratchBuffer<Double>
    var rows = 0
    var limit = 0.0

    private static let optionsPerExpert = 4
    private static let optionCapacity = 5

    init(experts: Int, devices: Int) {
        self.experts = experts
        self.devices = devices
        slotCount = 2 * devices
        weights = ScratchBuffer(experts)
        counts = ScratchBuffer(experts)
        options = ScratchBuffer(experts * Self.optionCapacity)
        firstOption = ScratchBuffer(experts + 1)
        chosen = ScratchBuffer(experts)
        trial = ScratchBuffer(experts)
        rowOfBucket = ScratchBuffer(Self.buckets + 1)
        bucketOfRow = ScratchBuffer(Self.buckets + 1)
        rowPrice = ScratchBuffer(Self.buckets + 2)
        price = ScratchBuffer(Self.buckets + 2)
        coverage = ScratchBuffer(Self.buckets + 2)
        direction = ScratchBuffer(Self.buckets + 2)
        bucketPrice = ScratchBuffer(Self.buckets + 2)
        runShare = ScratchBuffer(experts)
        runCount = ScratchBuffer(experts)
        extraCount = ScratchBuffer(experts)
    }

    /// The relative gap between longest time and bound at which the search ends.
    private static let tolerance = 0.0015

    /// Improves ``counts`` and raises `bound` to ``lowerBound``. The caller has filled ``counts`` and ``weights``.
    ///
    /// - Complexity: O((experts + buckets) × tries).
    mutating func solve(bound: Double, effort: OptimalPolicy.Effort) {
        lowerBound = bound
        longestTime = pairedTime(ofTrial: false)
        guard spareSlots > 0 else {
            lowerBound = longestTime
            return
        }
        for expert in 0..<experts { extraCount[expert] = 0 }
        var hasPrices = false
        var low = bound
        for _ in 0..<(effort == .quick ? 3 : 6) where longestTime > low * (1 + Self.tolerance) {
            let time = (low + longestTime) / 2
            guard listOptions(time) else {
                low = time
                lowerBound = max(lowerBound, time * (1 - 1e-9))
                continue
            }
            let isCovered = tryCovering()
            if !isCovered {
                low = time
                hasPrices = takePricesFromDeficits() || hasPrices
            }
        }
        guard hasPrices else { return }
        raiseBound(effort == .quick ? 3 : 24, steps: effort == .quick ? 16 : 80)
        guard effort == .thorough else { return }
        // The covering search is not exact, so other limits may lead to better counts.
        let highest = longestTime
        for part in 1..<16 where longestTime > lowerBound * (1 + Self.tolerance) {
            guard listOptions(lowerBound + (highest - lowerBound) * Double(part) / 16) else { continue }
            _ = tryCovering()
        }
    }

    /// Searches for counts that reach the listed limit, and keeps them if they are better than ``counts``. Returns
    /// whether they cover all rows.
    private mutating func tryCovering() -> Bool {
        let isCovered = coverRows()
        let reached = pairedTime(ofTrial: true)
        if reached < longestTime {
            longestTime = reached
            for expert in 0..<experts { counts[expert] = trial[expert] }
        }
        return isCovered
    }

    /// Raises the lower bound by proofs that limits are impossible. The first limit is slightly below the longest time
    /// of the counts. After a proof, the next limit is halfway to the longest time; after a failure, it is closer to
    /// the bound.
    private mutating func raiseBound(_ tries: Int, steps: Int) {
        var time = longestTime * (1 - 0.003)
        for _ in 0..<tries {
            guard time > lowerBound * (1 + 0.0003), listOptions(time) else { return }
            takePricesFromBuckets()
            if disprove(steps: steps) {
                keepPrices()
                // So far, only the listed counts are disproved. The bound must hold for all counts.
                if isDisprovedForAllCounts() {
                    lowerBound = time * (1 - 1e-9)
                    if longestTime <= lowerBound * 1.003 { return }
                    time = (lowerBound + longestTime) / 2
                }
            } else {
                keepPrices()
                time = lowerBound + (time - lowerBound) * (tries < 10 ? 0.8 : 0.93)
            }
        }
    }

    /// Returns the bucket of a share.
    @inline(__always) func bucket(_ share: Double) -> Int {
        min(max(Int(share / limit * Double(2 * Self.buckets)), 0), Self.buckets)
    }

    /// Lists the few counts of each expert that matter for the limit `time`, and the rows that the counts affect.
    ///
    /// - Returns: false if an expert is too heavy even with a replica on every device, or if the least counts need more
    ///   than all slots.
    mutating func listOptions(_ time: Double) -> Bool {
        limit = time
        for bucket in 0...Self.buckets { rowOfBucket[bucket] = 0 }
        var next = 0
        var needed = 0.0
        for expert in 0..<experts {
            firstOption[expert] = Int32(truncatingIfNeeded: next)
            guard let least = leastCount(weights[expert]) else { return false }
            needed += least
            listOptions(expert, from: least, &next)
        }
        firstOption[experts] = Int32(truncatingIfNeeded: next)
        if needed > Double(slotCount) { return false }
        numberRows()
        for option in 0..<next { options[option].row = rowOfBucket[Int(options[option].row)] }
        return true
    }

    /// Returns the least count whose shares are within the limit; nil if the count exceeds the number of devices.
    @inline(__always) private func leastCount(_ weight: Double) -> Double? {
        guard weight > limit else { return 1 }
        let least = weight / limit * (1 - 1e-12)
        if least > Double(devices) { return nil }
        let count = Double(Int32(least))
        return count < least ? count + 1 : count
    }

    /// Lists the options of one expert with the buckets of their shares. For a heavy share, marks the bucket of the
    /// heaviest share that fits beside it as a row.
    @inline(__always) private mutating func listOptions(_ expert: Int, from least: Double, _ next: inout Int) {
        let weight = weights[expert]
        var count = least
        var lightCounts = 0
        for _ in 0..<Self.optionsPerExpert where lightCounts < 2 && count <= Double(devices) {
            let share = weight / count
            let isHeavy = share > limit / 2
            let row = bucket(isHeavy ? limit - share : share)
            options[next] = Option(gain: isHeavy ? -count : count, cost: count - 1, row: Int32(truncatingIfNeeded: row))
            if isHeavy { rowOfBucket[row] = 1 } else { lightCounts += 1 }
            next += 1
            count += 1
        }
        let extra = extraCount[expert]
        if extra >= count {
            options[next] = Option(gain: extra, cost: extra - 1, row: Int32(truncatingIfNeeded: bucket(weight / extra)))
            next += 1
        }
    }

    /// Numbers the marked buckets as rows. Each bucket gets the row of the next marked bucket.
    private mutating func numberRows() {
        rows = 0
        for bucket in 0...Self.buckets {
            let isRow = rowOfBucket[bucket] == 1
            rowOfBucket[bucket] = Int32(truncatingIfNeeded: rows)
            if isRow {
                bucketOfRow[rows] = Int32(truncatingIfNeeded: bucket)
                rows += 1
            }
        }
    }

    /// Returns the longest time of ``counts`` or ``trial`` if the heaviest replica is paired with the lightest, the
    /// second heaviest with the second lightest, and so on.
    private func pairedTime(ofTrial isTrial: Bool) -> Double {
        for expert in 0..<experts {
            let count = isTrial ? trial[expert] : counts[expert]
            let share = weights[expert] / Double(count)
            var hole = expert
            while hole > 0, runShare[hole - 1] < share {
                runShare[hole] = runShare[hole - 1]
                runCount[hole] = runCount[hole - 1]
                hole -= 1
            }
            runShare[hole] = share
            runCount[hole] = count
        }
        var heavy = 0
        var light = experts - 1
        var heavyLeft = runCount[0]
        var lightLeft = runCount[light]
        var longest = 0.0
        while heavy < light {
            longest = max(longest, runShare[heavy] + runShare[light])
            let pairs = min(heavyLeft, lightLeft)
            heavyLeft -= pairs
            lightLeft -= pairs
            if heavyLeft == 0 {
                heavy += 1
                heavyLeft = runCount[heavy]
            }
            if lightLeft == 0, light > heavy {
                light -= 1
                lightLeft = runCount[light]
            }
        }
        if heavyLeft > 1, lightLeft > 1 { longest = max(longest, 2 * runShare[heavy]) }
        return longest
    }
}
