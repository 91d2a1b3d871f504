extension PairedCounts {
    /// The largest number of exchanges of a slot.
    private static let exchanges = 10
    /// The number of experts considered for one more slot, and for one slot fewer, per exchange.
    private static let candidates = 8

    /// A change of one expert's count, with the coverage that it gains at the present prices.
    private struct Change {
        var gain = -Double.infinity
        var expert = 0
        var option = 0
    }

    /// Searches for counts that cover the rows of the listed options within the spare slots, and writes them to
    /// ``trial``.
    ///
    /// The search starts with the least counts. It adds the replicas that reduce the rows' deficits the most per slot,
    /// measured by the gradient of the squared deficits. Then it exchanges slots between experts. Slots that are left
    /// go to the experts with the heaviest shares.
    ///
    /// - Returns: Whether every row is covered.
    mutating func coverRows() -> Bool {
        var left = spareSlots
        for row in 0...rows { coverage[row] = 0 }
        for expert in 0..<experts {
            let option = firstOption[expert]
            chosen[expert] = option
            left -= Int(options[Int(option)].cost)
            coverage[Int(options[Int(option)].row)] += options[Int(option)].gain
        }
        var deficits = squaredDeficits()
        while left > 0, deficits > 0 {
            var best = Change(gain: 0, expert: -1)
            for expert in 0..<experts {
                let old = options[Int(chosen[expert])]
                let base = old.gain * price[Int(old.row)]
                for index in Int(chosen[expert]) + 1..<max(Int(firstOption[expert + 1]), Int(chosen[expert]) + 1) {
                    let cost = options[index].cost - old.cost
                    if Int(cost) > left { break }
                    let gain = (options[index].gain * price[Int(options[index].row)] - base) / cost
                    if gain > best.gain { best = Change(gain: gain, expert: expert, option: index) }
                }
            }
            if best.expert < 0 { break }
            left -= Int(options[best.option].cost - options[Int(chosen[best.expert])].cost)
            choose(best.expert, best.option)
            deficits = squaredDeficits()
        }
        exchangeSlots(&deficits)
        // Undone exchanges have left their prices, so the prices are computed again.
        deficits = squaredDeficits()
        for expert in 0..<experts {
            trial[expert] = Int32(truncatingIfNeeded: Int(options[Int(chosen[expert])].cost) + 1)
        }
        giveToHeaviest(left)
        return deficits == 0
    }

    /// Exchanges slots between experts as long as the deficits fall.
    private mutating func exchangeSlots(_ deficits: inout Double) {
        withUnsafeTemporaryAllocation(of: Change.self, capacity: 2 * Self.candidates) { changes in
            let more = UnsafeMutableBufferPointer(rebasing: changes[..<Self.candidates])
            let fewer = UnsafeMutableBufferPointer(rebasing: changes[Self.candidates...])
            for _ in 0..<Self.exchanges {
                guard deficits > 0 else { return }
                changes.initialize(repeating: Change())
                for expert in 0..<experts {
                    let old = options[Int(chosen[expert])]
                    let base = old.gain * price[Int(old.row)]
                    let index = Int(chosen[expert])
                    if index + 1 < Int(firstOption[expert + 1]), options[index + 1].cost == old.cost + 1 {
                        let gain = options[index + 1].gain * price[Int(options[index + 1].row)] - base
                        Self.insert(Change(gain: gain, expert: expert, option: index + 1), into: more)
                    }
                    if index > Int(firstOption[expert]), options[index - 1].cost == old.cost - 1 {
                        let gain = options[index - 1].gain * price[Int(options[index - 1].row)] - base
                        Self.insert(Change(gain: gain, expert: expert, option: index - 1), into: fewer)
                    }
                }
                guard exchangeFirst(of: more, for: fewer, &deficits) else { return }
            }
        }
    }

    /// Makes the first exchange that lowers the deficits. Returns false if there is none.
    private func exchangeFirst(
        of more: UnsafeMutableBufferPointer<Change>, for fewer: UnsafeMutableBufferPointer<Change>,
        _ deficits: inout Double
    ) -> Bool {
        for down in fewer {
            for up in more {
                if up.gain + down.gain <= 0 { break }
                if up.expert == down.expert { continue }
                let before = (Int(chosen[up.expert]), Int(chosen[down.expert]))
                choose(up.expert, up.option)
                choose(down.expert, down.option)
                let now = squaredDeficits()
                if now < deficits * 0.9999 {
                    deficits = now
                    return true
                }
                choose(up.expert, before.0)
                choose(down.expert, before.1)
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

    /// Chooses an option for an expert and updates the coverage.
    @inline(__always) private func choose(_ expert: Int, _ option: Int) {
        let old = options[Int(chosen[expert])]
        coverage[Int(old.row)] -= old.gain
        coverage[Int(options[option].row)] += options[option].gain
        chosen[expert] = Int32(truncatingIfNeeded: option)
    }

    /// Returns the sum of the rows' squared deficits. Writes the gradient to ``price``, with small prices for rows that
    /// are barely covered.
    private func squaredDeficits() -> Double {
        let softness = 0.005
        var sum = 0.0
        var result = 0.0
        for row in 0..<rows {
            sum += coverage[row]
            let deficit = -sum
            price[row] = deficit > 0 ? deficit + softness : max(0, softness * (1 + deficit))
            if deficit > 0 { result += deficit * deficit }
        }
        price[rows] = 0
        for row in stride(from: rows - 1, through: 0, by: -1) { price[row] += price[row + 1] }
        return result
    }

    /// Gives each of `slots` slots to the expert with the heaviest share in ``trial``.
    private func giveToHeaviest(_ slots: Int) {
        for _ in 0..<slots {
            var heaviest = -1
            var most = -1.0
            for expert in 0..<experts where Int(trial[expert]) < devices {
                let share = weights[expert] / Double(trial[expert])
                if share > most {
                    most = share
                    heaviest = expert
                }
            }
            if heaviest >= 0 { trial[heaviest] += 1 }
        }
    }
}
