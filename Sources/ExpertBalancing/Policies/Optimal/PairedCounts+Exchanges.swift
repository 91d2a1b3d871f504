/// A local search for whole counts, for limits at which many rows have a price.
extension PairedCounts {
    /// A change of one expert's count, with the deficit that it removes at the present gradient.
    private struct Change {
        var gain = -Double.infinity
        var expert = 0
        var option = 0
    }

    /// Exchanges slots between experts as long as the rows' squared deficits fall. Keeps the counts if they are better
    /// than ``counts``. Starts from ``counts``.
    ///
    /// - Parameter candidates: The number of experts considered for one more slot, and for one slot fewer, per exchange.
    mutating func exchangeSlots(candidates: Int) {
        var left = spareSlots
        for row in 0...rows { pickedCoverage[row] = 0 }
        for expert in 0..<experts {
            let first = expert * Self.optionCapacity
            let last = first + Int(sequenceCount[expert]) - 1
            let index = min(first + max(Int(counts[expert]) - 1 - Int(options[first].cost), 0), last)
            pick[expert] = Int32(truncatingIfNeeded: index)
            left -= Int(options[index].cost)
            pickedCoverage[Int(options[index].row)] += options[index].gain
        }
        guard left >= 0 else { return }
        withUnsafeTemporaryAllocation(of: Change.self, capacity: 2 * candidates) { changes in
            let more = UnsafeMutableBufferPointer(rebasing: changes[..<candidates])
            let fewer = UnsafeMutableBufferPointer(rebasing: changes[candidates...])
            var deficits = squaredDeficits()
            for _ in 0..<5 * candidates where deficits > 0 {
                changes.initialize(repeating: Change())
                listChanges(more, fewer)
                guard exchangeFirst(of: more, for: fewer, &left, &deficits) else { break }
            }
        }
        for expert in 0..<experts { trial[expert] = Int32(options[Int(pick[expert])].cost) + 1 }
        giveToHeaviest(left)
        keepTrial()
    }

    private func listChanges(
        _ more: UnsafeMutableBufferPointer<Change>, _ fewer: UnsafeMutableBufferPointer<Change>
    ) {
        takeGradient()
        for expert in 0..<experts {
            let index = Int(pick[expert])
            let old = options[index]
            let base = old.gain * sums[Int(old.row)]
            let first = expert * Self.optionCapacity
            if index + 1 < first + Int(sequenceCount[expert]) {
                let gain = options[index + 1].gain * sums[Int(options[index + 1].row)] - base
                Self.insert(Change(gain: gain, expert: expert, option: index + 1), into: more)
            }
            if index > first {
                let gain = options[index - 1].gain * sums[Int(options[index - 1].row)] - base
                Self.insert(Change(gain: gain, expert: expert, option: index - 1), into: fewer)
            }
        }
    }

    /// Makes the first exchange that lowers the deficits. Returns false if there is none.
    private func exchangeFirst(
        of more: UnsafeMutableBufferPointer<Change>, for fewer: UnsafeMutableBufferPointer<Change>, _ left: inout Int,
        _ deficits: inout Double
    ) -> Bool {
        if left > 0, let up = more.first, up.gain > 0 {
            pick(up.expert, up.option)
            left -= 1
            deficits = squaredDeficits()
            return true
        }
        for down in fewer where down.gain > -.infinity {
            for up in more {
                if up.gain + down.gain <= 0 { break }
                if up.expert == down.expert { continue }
                let before = (Int(pick[up.expert]), Int(pick[down.expert]))
                pick(up.expert, up.option)
                pick(down.expert, down.option)
                let now = squaredDeficits()
                if now < deficits * 0.9999 {
                    deficits = now
                    return true
                }
                pick(up.expert, before.0)
                pick(down.expert, before.1)
            }
        }
        return false
    }

    /// Inserts a change into a list that is sorted by gain, if its gain is larger than the last.
    @inline(__always) private static func insert(_ change: Change, into list: UnsafeMutableBufferPointer<Change>) {
        var hole = list.count - 1
        guard change.gain > list[hole].gain else { return }
        while hole > 0, list[hole - 1].gain < change.gain {
            list[hole] = list[hole - 1]
            hole -= 1
        }
        list[hole] = change
    }

    @inline(__always) private func pick(_ expert: Int, _ option: Int) {
        let old = options[Int(pick[expert])]
        pickedCoverage[Int(old.row)] -= old.gain
        pickedCoverage[Int(options[option].row)] += options[option].gain
        pick[expert] = Int32(truncatingIfNeeded: option)
    }

    /// Returns the sum of the rows' squared deficits.
    private func squaredDeficits() -> Double {
        var sum = 0.0
        var result = 0.0
        for row in 0..<rows {
            sum += pickedCoverage[row]
            let deficit = min(sum, 0)
            result += deficit * deficit
        }
        return result
    }

    /// Writes the gradient of the squared deficits to ``sums``, with small values for rows that are barely covered.
    private func takeGradient() {
        let softness = 0.005
        var sum = 0.0
        for row in 0..<rows {
            sum += pickedCoverage[row]
            sums[row] = sum < 0 ? softness - sum : max(0, softness * (1 - sum))
        }
        sums[rows] = 0
        for row in stride(from: rows - 1, through: 0, by: -1) { sums[row] += sums[row + 1] }
    }
}
