extension PairedCounts {
    /// The distance below zero at which a worth counts as negative. It covers the rounding errors of the sums.
    private static let margin = 1e-6

    /// Makes prices from the deficits that the last covering has left.
    ///
    /// - Returns: false if there were no deficits.
    mutating func takePricesFromDeficits() -> Bool {
        guard rows > 0, price[0] > 0 else { return false }
        for row in 0..<rows { rowPrice[row] = (price[row] - price[row + 1]) / price[0] }
        keepPrices()
        return true
    }

    /// Saves the prices by share as a fraction of the limit, so that another limit can use them.
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

    /// Applies the saved prices to the present rows.
    mutating func takePricesFromBuckets() {
        for row in 0..<rows {
            let next = row + 1 < rows ? bucketPrice[Int(bucketOfRow[row + 1])] : 0
            rowPrice[row] = max(0, bucketPrice[Int(bucketOfRow[row])] - next)
        }
    }

    /// Returns the largest worth of any listed counts at the present prices: the value of the rows' coverage, minus 1
    /// per additional slot, plus the spare slots. A negative worth proves that the limit is impossible for the listed
    /// counts.
    ///
    /// Writes the coverage of the best counts to ``coverage``, as differences from row to row.
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
            // A share beyond the last row affects no row.
            let row = Int(options[best].row)
            if row < rows { coverage[row] += options[best].gain }
        }
        return total
    }

    /// Sums the prices from the last row to the first. The sum is limited to 1, because otherwise every further slot
    /// for the lightest share would have a positive worth.
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

    /// Changes the prices until they prove that the limit is impossible for the listed counts. The method is Polyak's
    /// subgradient method with momentum, towards a worth slightly below zero.
    ///
    /// - Returns: Whether the prices prove that the limit is impossible.
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

    /// Whether the saved prices prove that the limit is impossible for all counts. If not, ``extraCount`` gets a better
    /// count for each expert that has one, and the count is listed from now on.
    mutating func isDisprovedForAllCounts() -> Bool {
        takePricesFromBuckets()
        sumPrices()
        var total = Double(spareSlots)
        for expert in 0..<experts { total += bestWorth(expert) }
        return total < -Self.margin
    }

    /// Returns the worth of an expert's best count.
    ///
    /// The worth at count c is at most 1 − c (1 − price of the share). With this bound, whole ranges of counts are
    /// skipped.
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
                    // Only a count with light shares is listed: other counts with heavy shares are worth less.
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
        // A heavy share needs a light share beside it. Between two listed rows, the later row has the lower price.
        if share > limit / 2 { return -count * priceOfShare(limit - share) - (count - 1) }
        return count * priceOfShare(share) - (count - 1)
    }
}
