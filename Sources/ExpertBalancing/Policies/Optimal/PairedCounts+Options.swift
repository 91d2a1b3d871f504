/// The options and rows for a limit.
extension PairedCounts {
    /// Lists the few counts of each expert that matter for the limit `time`, and the rows that the counts affect.
    ///
    /// - Parameters:
    ///   - time: The limit.
    ///   - lightCounts: The largest number of counts with shares of at most half of the limit, per expert.
    /// - Returns: false if the least counts need more than all slots.
    mutating func list(_ time: Double, lightCounts: Int = 2) -> Bool {
        limit = time
        for bucket in 0...Self.buckets { rowOfBucket[bucket] = 0 }
        var needed = 0.0
        for expert in 0..<experts {
            let least = leastCount(weights[expert])
            needed += least
            if needed > Double(slotCount) { return false }
            list(expert, from: least, lightCounts: lightCounts)
        }
        let filler = experts * Self.optionCapacity
        let spare = Double(spareSlots)
        options[filler] = Option(gain: 0, cost: 0, row: 0)
        options[filler + 1] = Option(gain: 20 * spare, cost: 17 * spare, row: 0)
        optionCount[experts] = 2
        numberRows()
        for expert in 0..<experts {
            let first = expert * Self.optionCapacity
            for option in first..<first + Int(optionCount[expert]) {
                options[option] = options[option].at(rowOfBucket[Int(options[option].row)])
            }
        }
        for expert in 0...experts {
            leastCost[expert] = 0
            largestCost[expert] = .infinity
        }
        return true
    }

    /// Returns the bucket of a share.
    @inline(__always) func bucket(_ share: Double) -> Int {
        min(max(Int(share / limit * Double(2 * Self.buckets)), 0), Self.buckets)
    }

    /// Returns the least count whose shares are within the limit.
    @inline(__always) private func leastCount(_ weight: Double) -> Double {
        guard weight > limit else { return 1 }
        return (weight / limit * (1 - 1e-12)).rounded(.up)
    }

    /// Lists the first options of one expert with the buckets of their shares. For a heavy share, marks the bucket of
    /// the heaviest share that fits beside it as a row.
    @inline(__always) private mutating func list(_ expert: Int, from least: Double, lightCounts: Int) {
        let weight = weights[expert]
        var count = least
        var lightLeft = lightCounts
        var next = expert * Self.optionCapacity
        for _ in 0..<lightCounts + 2 where lightLeft > 0 {
            let share = weight / count
            let isHeavy = share > limit / 2
            let row = bucket(isHeavy ? limit - share : share)
            options[next] = Option(gain: isHeavy ? -count : count, cost: count - 1, row: row)
            if isHeavy {
                rowOfBucket[row] = 1
                shareOfBucket[row] = share
            } else {
                lightLeft -= 1
            }
            next += 1
            count += 1
        }
        sequenceCount[expert] = Int32(truncatingIfNeeded: next - expert * Self.optionCapacity)
        let extra = extraCount[expert]
        if extra >= count, weight <= extra * limit / 2 {
            options[next] = Option(gain: extra, cost: extra - 1, row: bucket(weight / extra))
            next += 1
        }
        optionCount[expert] = Int32(truncatingIfNeeded: next - expert * Self.optionCapacity)
    }

    /// Numbers the marked buckets as rows. Each bucket gets the row of the next marked bucket.
    private mutating func numberRows() {
        rows = 0
        for bucket in 0...Self.buckets {
            let isRow = rowOfBucket[bucket]
            rowOfBucket[bucket] = Int32(truncatingIfNeeded: rows)
            bucketOfRow[rows] = Int32(truncatingIfNeeded: bucket)
            rows += Int(isRow)
        }
    }
}
