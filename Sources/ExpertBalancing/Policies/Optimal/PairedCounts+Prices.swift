extension PairedCounts {
    /// How far below zero a worth must be to prove anything: sums of rounded numbers are not trusted further.
    private static let margin = 1e-6

    /// Takes what the last covering left uncovered as prices.
    ///
    /// - Returns: false where nothing was left.
    mutating func takePricesFromDeficits() -> Bool {
        guard rows > 0, price[0] > 0 else { return false }
        for row in 0..<rows { rowPrice[row] = (price[row] - price[row + 1]) / price[0] }
        keepPrices()
        return true
    }

    /// Keeps the prices by share, as a part of the longest time, so that they serve another limit.
    mutating func keepPrices() {
        var sum = 0.0
        var row = rows - 1
        for bucket in stride(from: Self.buckets, through: 0, by: -1) {
            if row >= 0, Int(bucketOfRow[row]) == bucket {
                sum += rowPrice[row]
                row -= 1
            }
            bucketPrice[bucket] = sum
        }
    }

    /// The kept prices on the present rows.
    mutating func takePricesFromBuckets() {
        for row in 0..<rows {
            let next = row + 1 < rows ? bucketPrice[Int(bucketOfRow[row + 1])] : 0
            rowPrice[row] = max(0, bucketPrice[Int(bucketOfRow[row])] - next)
        }
    }

    /// What the rows' coverage is worth, at the present prices, under the counts for which it is worth the most, a spare
    /// slot costing 1. Negative values prove the limit impossible, as far as the listed counts go.
    ///
    /// Leaves the coverage in steps from row to row.
    mutating func worthOfBestCounts() -> Double {
        sumPrices()
        for row in 0...rows { coverage[row] = 0 }
        var total = Double(spareSlots)
        for expert in 0..<experts {
            var best = Int(firstOption[expert])
            var most = options[best].gain * price[Int(options[best].row)] - options[best].cost
            for index in best + 1..<max(Int(firstOption[expert + 1]), best + 1) {
                let worth = options[index].gain * price[Int(options[index].row)] - options[index].cost
                if worth > most {
                    most = worth
                    best = index
                }
            }
            total += most
            // (What is beside every row's bound touches none.)
            let row = Int(options[best].row)
            if row < rows { coverage[row] += options[best].gain }
        }
        return total
    }

    /// Sums prices up from the last row; at most 1, or a slot given to the lightest share would pay without end.
    private mutating func sumPrices() {
        price[rows] = 0
        for row in stride(from: rows - 1, through: 0, by: -1) { price[row] = price[row + 1] + rowPrice[row] }
        guard rows > 0, price[0] > 1 else { return }
        let scale = 1 / price[0]
        for row in 0..<rows {
            rowPrice[row] *= scale
            price[row] *= scale
        }
    }

    /// Changes the prices until they prove the limit impossible: Polyak's subgradient steps towards a worth slightly below
    /// zero, each with most of the direction before it.
    mutating func disprove(steps: Int) -> Bool {
        for row in 0..<rows { direction[row] = 0 }
        for _ in 0..<steps {
            let worth = worthOfBestCounts()
            if worth < -Self.margin { return true }
            var sum = 0.0
            var norm = 0.0
            for row in 0..<rows {
                sum += coverage[row]
                let step = 0.7 * direction[row] + sum
                direction[row] = step
                if rowPrice[row] > 0 || step < 0 { norm += step * step }
            }
            guard norm > 0 else { return false }
            let size = (worth + 0.2) / norm
            for row in 0..<rows { rowPrice[row] = max(0, rowPrice[row] - size * direction[row]) }
        }
        return false
    }

    /// Whether the kept prices prove the limit impossible whatever the counts; if not, a better count of each expert is
    /// listed from now on.
    mutating func isDisprovedForAllCounts() -> Bool {
        takePricesFromBuckets()
        sumPrices()
        var total = Double(spareSlots)
        for expert in 0..<experts { total += bestWorth(expert) }
        return total < -Self.margin
    }

    /// The worth of an expert's best count.
    ///
    /// An expert's worth at count c is 1 − c (1 − price of its share) or less, which tells for whole ranges of counts that
    /// none is better than those that were looked at.
    private mutating func bestWorth(_ expert: Int) -> Double {
        var most = -Double.infinity
        let first = Int(firstOption[expert])
        let end = Int(firstOption[expert + 1])
        for index in first..<end {
            most = max(most, options[index].gain * price[Int(options[index].row)] - options[index].cost)
        }
        var count = options[first].cost + Double(end - first) + (extraCount[expert] > 0 ? 0 : 1)
        let last = min(options[first].cost + Double(spareSlots) + 1, Double(devices))
        while count <= last {
            let rangeEnd = min(2 * count, last)
            let cheapest = 1 - priceOfShare(weights[expert] / rangeEnd)
            guard 1 - count * cheapest > most else {
                count = rangeEnd + 1
                continue
            }
            while count <= rangeEnd {
                let worth = worth(expert, count)
                if worth > most {
                    most = worth
                    // (Heavy shares of further counts are worth less than those listed.)
                    if weights[expert] <= count * limit / 2 { extraCount[expert] = count }
                }
                count += 1
            }
            count = rangeEnd + 1
        }
        return most
    }

    @inline(__always) private func priceOfShare(_ share: Double) -> Double { price[Int(rowOfBucket[bucket(share)])] }

    @inline(__always) private func worth(_ expert: Int, _ count: Double) -> Double {
        let share = weights[expert] / count
        // A heavy share needs a light one beside it; its own row may lie between the listed ones: the later counts less.
        if share > limit / 2 { return -count * priceOfShare(limit - share) - (count - 1) }
        return count * priceOfShare(share) - (count - 1)
    }
}
