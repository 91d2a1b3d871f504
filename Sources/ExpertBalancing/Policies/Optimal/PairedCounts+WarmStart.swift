/// The next limit starts from the basis of the last one.
extension PairedCounts {
    /// Lists the options for the limit `time`, and starts from the present basis if it still applies, else from prices
    /// of zero. Returns false if the limit needs more than all slots.
    mutating func start(_ time: Double) -> Bool {
        let count = basis.count
        for index in 0..<count {
            let tie = basis.ties[index]
            keptShares[index] = shareOfBucket[Int(bucketOfRow[Int(basis.rows[index])])]
            keptCosts[2 * index] = options[Int(chosen[Int(tie.expert)])].cost
            keptCosts[2 * index + 1] = options[Int(tie.other)].cost
        }
        clearTies()
        guard list(time) else { return false }
        if count == 0 || !restoreBasis(count) { begin() }
        return true
    }

    private mutating func restoreBasis(_ count: Int) -> Bool {
        for index in 0..<count {
            let tie = basis.ties[index]
            let expert = Int(tie.expert)
            let share = keptShares[index]
            guard share > limit / 2, share <= limit, let key = option(expert, keptCosts[2 * index]),
                let other = option(expert, keptCosts[2 * index + 1]),
                let row = row(ofBucket: bucket(limit - share))
            else { return false }
            chosen[expert] = key
            basis.append(row: row, tie: CoveringBasis.Tie(expert: tie.expert, other: other))
            isTied[Int(other)] = true
            tieCount[expert] += 1
        }
        guard factorTies() else { return false }
        takePrices()
        for index in 0..<count where basis.prices[index] < -1e-9 { return false }
        return chooseBest()
    }

    /// Chooses the best option of each expert without a tie. Returns false if a tied expert has a better option.
    private mutating func chooseBest() -> Bool {
        for row in 0...rows { coverage[row] = 0 }
        worth = Double(spareSlots)
        for expert in 0...experts {
            let first = expert * Self.optionCapacity
            var best = tieCount[expert] > 0 ? Int(chosen[expert]) : first
            let old = best
            var most = options[best].gain * price[Int(options[best].row)] - options[best].cost
            for index in first..<first + Int(optionCount[expert]) {
                let worth = options[index].gain * price[Int(options[index].row)] - options[index].cost
                if worth > most + (tieCount[expert] > 0 ? Self.tolerance : 0) {
                    most = worth
                    best = index
                }
            }
            if tieCount[expert] > 0, best != old { return false }
            chosen[expert] = Int32(truncatingIfNeeded: best)
            coverage[Int(options[best].row)] += options[best].gain
            worth += most
        }
        return true
    }

    /// Returns the expert's option with a cost.
    private func option(_ expert: Int, _ cost: Double) -> Int32? {
        let first = expert * Self.optionCapacity
        for index in first..<first + Int(optionCount[expert]) where options[index].cost == cost {
            return Int32(truncatingIfNeeded: index)
        }
        return nil
    }

    private func row(ofBucket bucket: Int) -> Int32? {
        let row = rowOfBucket[bucket]
        return Int(row) < rows && Int(bucketOfRow[Int(row)]) == bucket ? row : nil
    }
}
