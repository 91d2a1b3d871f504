/// Counts that are not listed: proofs for all counts, and options for better counts.
extension PairedCounts {
    /// Compares all counts that branching allows, listed or not. If the limit is not impossible for all counts, lists
    /// each expert's best count if it is worth more than every listed count, and chooses the new options.
    ///
    /// - Returns: ``Outcome/negative`` if the limit is impossible; ``Outcome/optimal`` if the search goes on.
    mutating func compareAllCounts() -> Outcome {
        workLeft -= 1
        var total = Double(spareSlots)
        for expert in 0..<experts {
            let listed = worthOfListed(expert)
            let unlisted = bestUnlisted(expert, above: listed)
            total += unlisted?.worth ?? listed
            trial[expert] = Int32(unlisted?.count ?? 0)
        }
        if total < -Self.margin { return .negative }
        var hasNew = false
        for expert in 0..<experts where trial[expert] > 0 && Int(optionCount[expert]) < Self.optionCapacity {
            // Several ties of one expert are rare.
            guard tieCount[expert] < 2 else { continue }
            let option = append(Double(trial[expert]), to: expert)
            hasNew = true
            let gain = options[Int(option)].gain * price[Int(options[Int(option)].row)] - options[Int(option)].cost
            let old = options[Int(chosen[expert])]
            worth += gain - (old.gain * price[Int(old.row)] - old.cost)
            if tieCount[expert] == 0 {
                choose(expert, option)
                continue
            }
            for tie in 0..<basis.count where Int(basis.ties[tie].expert) == expert {
                // The step changes the prices, so the other experts' counts are compared in the next round.
                return leave(tie, for: option) ? .optimal : .stopped
            }
        }
        return hasNew ? .optimal : .stopped
    }

    /// Lists a count of an expert and returns its option. Between two rows, the later row applies.
    private mutating func append(_ count: Double, to expert: Int) -> Int32 {
        let share = weights[expert] / count
        let isHeavy = share > limit / 2
        let option = Int32(truncatingIfNeeded: expert * Self.optionCapacity) + optionCount[expert]
        options[Int(option)] = Option(
            gain: isHeavy ? -count : count, cost: count - 1,
            row: Int(rowOfBucket[bucket(isHeavy ? limit - share : share)]))
        optionCount[expert] += 1
        extraCount[expert] = count
        return option
    }

    private func worthOfListed(_ expert: Int) -> Double {
        var most = -Double.infinity
        let first = expert * Self.optionCapacity
        for index in first..<first + Int(optionCount[expert]) {
            let option = options[index]
            let worth = option.gain * price[Int(option.row)] - option.cost
            if worth > most, option.cost >= leastCost[expert], option.cost <= largestCost[expert] { most = worth }
        }
        return most
    }

    /// Returns the best count beyond the first options, if it is worth more than `least`.
    ///
    /// The worth at count c is at most 1 − c (1 − price of the share). With this bound, whole ranges of counts are
    /// skipped.
    private func bestUnlisted(_ expert: Int, above least: Double) -> (count: Double, worth: Double)? {
        let lastListed = options[expert * Self.optionCapacity + Int(sequenceCount[expert]) - 1].cost + 1
        var count = max(lastListed, leastCost[expert]) + 1
        let last = min(min(Double(spareSlots), largestCost[expert]) + 1, (1 - least) / max(1 - price[0], 1e-9))
        var result: (count: Double, worth: Double)?
        var most = least
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
                    result = (count, worth)
                }
                count += 1
            }
        }
        return result
    }

    @inline(__always) private func priceOfShare(_ share: Double) -> Double { price[Int(rowOfBucket[bucket(share)])] }

    @inline(__always) private func worth(_ expert: Int, _ count: Double) -> Double {
        let share = weights[expert] / count
        // A heavy share needs a light share beside it. Between two listed rows, the later row has the lower price.
        if share > limit / 2 { return -count * priceOfShare(limit - share) - (count - 1) }
        return count * priceOfShare(share) - (count - 1)
    }
}
