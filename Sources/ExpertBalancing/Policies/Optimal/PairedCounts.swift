/// How many replicas each expert gets where every device has two slots, and a bound that counts alone can prove.
///
/// With two slots a device, the best packing of given replicas pairs the heaviest with the lightest, so that only counts
/// matter. No longest time T is possible unless, for every y, at most as many shares are above T − y as are at most y: each
/// of the first needs one of the second beside it. Each such condition is a row of a covering program; counts that cover
/// all rows within the spare slots reach T, and prices on the rows (Lagrange multipliers) under which no counts pay prove
/// that T is impossible.
struct PairedCounts: ~Copyable {
    /// Shares are told apart to this part of half the longest time.
    static let buckets = 1024

    let experts: Int
    let devices: Int
    let slotCount: Int
    var spareSlots: Int { slotCount - experts }

    /// The loads, the heaviest first.
    let weights: UnsafeMutableBufferPointer<Double>
    /// How many replicas each of the loads gets.
    let counts: UnsafeMutableBufferPointer<Int32>
    /// A time that no counts go below.
    var lowerBound = 0.0
    /// The time of ``counts``.
    var longestTime = 0.0

    /// A number of replicas that an expert may have: its row's coverage changes by `gain`, and `cost` slots are spent.
    struct Option {
        var gain: Double
        var cost: Double
        var row: Int32
    }

    let options: UnsafeMutableBufferPointer<Option>
    let firstOption: UnsafeMutableBufferPointer<Int32>
    let chosen: UnsafeMutableBufferPointer<Int32>
    let trial: UnsafeMutableBufferPointer<Int32>
    let rowOfBucket: UnsafeMutableBufferPointer<Int32>
    let bucketOfRow: UnsafeMutableBufferPointer<Int32>
    /// A price for each row, and for each row the sum of its own and all later ones.
    let rowPrice: UnsafeMutableBufferPointer<Double>
    let price: UnsafeMutableBufferPointer<Double>
    /// Replicas that a row has too many (above 0) or too few of, in steps from row to row or summed up.
    let coverage: UnsafeMutableBufferPointer<Double>
    let direction: UnsafeMutableBufferPointer<Double>
    let bucketPrice: UnsafeMutableBufferPointer<Double>
    let runShare: UnsafeMutableBufferPointer<Double>
    let runCount: UnsafeMutableBufferPointer<Int32>
    /// One more count to look at for each expert, or 0.
    let extraCount: UnsafeMutableBufferPointer<Double>
    var rows = 0
    var limit = 0.0

    private static let optionsPerExpert = 4
    private static let optionCapacity = 5

    init(experts: Int, devices: Int) {
        self.experts = experts
        self.devices = devices
        slotCount = 2 * devices
        weights = .allocate(capacity: experts)
        counts = .allocate(capacity: experts)
        options = .allocate(capacity: experts * Self.optionCapacity)
        firstOption = .allocate(capacity: experts + 1)
        chosen = .allocate(capacity: experts)
        trial = .allocate(capacity: experts)
        rowOfBucket = .allocate(capacity: Self.buckets + 1)
        bucketOfRow = .allocate(capacity: Self.buckets + 1)
        rowPrice = .allocate(capacity: Self.buckets + 2)
        price = .allocate(capacity: Self.buckets + 2)
        coverage = .allocate(capacity: Self.buckets + 2)
        direction = .allocate(capacity: Self.buckets + 2)
        bucketPrice = .allocate(capacity: Self.buckets + 2)
        runShare = .allocate(capacity: experts)
        runCount = .allocate(capacity: experts)
        extraCount = .allocate(capacity: experts)
    }

    deinit {
        weights.deallocate()
        counts.deallocate()
        options.deallocate()
        firstOption.deallocate()
        chosen.deallocate()
        trial.deallocate()
        rowOfBucket.deallocate()
        bucketOfRow.deallocate()
        rowPrice.deallocate()
        price.deallocate()
        coverage.deallocate()
        direction.deallocate()
        bucketPrice.deallocate()
        runShare.deallocate()
        runCount.deallocate()
        extraCount.deallocate()
    }

    /// How close counts and bound must be for the search to end.
    private static let tolerance = 0.0015

    /// Improves ``counts``, which the caller has filled as ``weights``, and raises `bound`.
    ///
    /// - Complexity: O((experts + buckets) × tries); sorting is the caller's.
    mutating func solve(bound: Double, effort: OptimalPolicy.Effort) {
        lowerBound = bound
        longestTime = pairedTime(counts)
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
        // Covering is no exact search: other limits lead to other counts.
        let highest = longestTime
        for part in 1..<16 where longestTime > lowerBound * (1 + Self.tolerance) {
            guard listOptions(lowerBound + (highest - lowerBound) * Double(part) / 16) else { continue }
            _ = tryCovering()
        }
    }

    /// Looks for counts that reach the listed limit, and takes them where they are better than what there is.
    private mutating func tryCovering() -> Bool {
        let isCovered = coverRows()
        let reached = pairedTime(trial)
        if reached < longestTime {
            longestTime = reached
            for expert in 0..<experts { counts[expert] = trial[expert] }
        }
        return isCovered
    }

    /// Proves limits impossible: first one a little under what the counts reach, then lower ones.
    private mutating func raiseBound(_ tries: Int, steps: Int) {
        var time = longestTime * (1 - 0.003)
        for _ in 0..<tries {
            guard time > lowerBound * (1 + 0.0003), listOptions(time) else { return }
            takePricesFromBuckets()
            if disprove(steps: steps) {
                keepPrices()
                // Only some counts were looked at so far: what is claimed holds for all.
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

    @inline(__always)
    func bucket(_ share: Double) -> Int {
        min(max(Int(share / limit * Double(2 * Self.buckets)), 0), Self.buckets)
    }

    /// The few counts of each expert that matter for a longest time, and the rows they touch.
    ///
    /// - Returns: false where some expert's shares are too heavy whatever its count, or the least counts exceed the slots.
    mutating func listOptions(_ time: Double) -> Bool {
        limit = time
        let half = time / 2
        for bucket in 0...Self.buckets { rowOfBucket[bucket] = 0 }
        var next = 0
        var needed = 0.0
        for expert in 0..<experts {
            firstOption[expert] = Int32(truncatingIfNeeded: next)
            let weight = weights[expert]
            var count = 1.0
            if weight > time {
                let least = weight / time * (1 - 1e-12)
                if least > Double(devices) { return false }
                count = Double(Int32(least))
                if count < least { count += 1 }
            }
            needed += count
            var lightCounts = 0
            for _ in 0..<Self.optionsPerExpert where lightCounts < 2 && count <= Double(devices) {
                let share = weight / count
                if share > half {
                    let place = bucket(time - share)
                    rowOfBucket[place] = 1
                    options[next] = Option(gain: -count, cost: count - 1, row: Int32(truncatingIfNeeded: place))
                } else {
                    options[next] = Option(
                        gain: count, cost: count - 1, row: Int32(truncatingIfNeeded: bucket(share)))
                    lightCounts += 1
                }
                next += 1
                count += 1
            }
            if extraCount[expert] >= count {
                let place = bucket(weight / extraCount[expert])
                options[next] = Option(
                    gain: extraCount[expert], cost: extraCount[expert] - 1, row: Int32(truncatingIfNeeded: place))
                next += 1
            }
        }
        firstOption[experts] = Int32(truncatingIfNeeded: next)
        if needed > Double(slotCount) { return false }
        var row = 0
        for bucket in 0...Self.buckets {
            let isRow = rowOfBucket[bucket] == 1
            rowOfBucket[bucket] = Int32(truncatingIfNeeded: row)
            if isRow {
                bucketOfRow[row] = Int32(truncatingIfNeeded: bucket)
                row += 1
            }
        }
        rows = row
        for option in 0..<next { options[option].row = rowOfBucket[Int(options[option].row)] }
        return true
    }

    /// The longest time of counts: the heaviest with the lightest, the second heaviest with the second lightest.
    private func pairedTime(_ counts: UnsafeMutableBufferPointer<Int32>) -> Double {
        for expert in 0..<experts {
            let share = weights[expert] / Double(counts[expert])
            var hole = expert
            while hole > 0, runShare[hole - 1] < share {
                runShare[hole] = runShare[hole - 1]
                runCount[hole] = runCount[hole - 1]
                hole -= 1
            }
            runShare[hole] = share
            runCount[hole] = counts[expert]
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
