/// The dual simplex method with long steps.
///
/// The prices start at zero, so that each expert takes its least count. A pivot raises the price of the row with the
/// largest deficit, or drops a tie that needs a fraction below zero. All other ties hold along the step. The step passes
/// every point at which one expert's best option changes, as long as the worth falls.
extension PairedCounts {
    enum Outcome {
        /// The prices are the best.
        case optimal
        /// The prices have a negative worth.
        case negative
        /// The pivots are used up, or the basis is too large or nearly singular.
        case stopped
    }

    static let tolerance = 1e-7

    /// The reason for a pivot: a deficit of a row, or a fraction of a tie's second option or of the chosen option.
    private enum Violation {
        case row(Int32, deficit: Double)
        case other(tie: Int, fraction: Double)
        case chosen(tie: Int, fraction: Double)
    }

    /// Starts from prices of zero.
    mutating func begin() {
        clearTies()
        worth = Double(spareSlots)
        for row in 0...rows { coverage[row] = 0 }
        for expert in 0...experts {
            let option = Int32(truncatingIfNeeded: expert * Self.optionCapacity)
            chosen[expert] = option
            coverage[Int(options[Int(option)].row)] += options[Int(option)].gain
            worth -= options[Int(option)].cost
        }
    }

    mutating func clearTies() {
        for index in 0..<basis.count {
            isTied[Int(basis.ties[index].other)] = false
            tieCount[Int(basis.ties[index].expert)] = 0
        }
        basis.removeAll()
    }

    /// Makes pivots until the prices are the best or, unless `findsWorth`, prove a negative worth.
    mutating func optimize(findsWorth: Bool = false) -> Outcome {
        while true {
            guard workLeft > 0, factorTies() else { return .stopped }
            takePrices()
            if worth < -Self.margin, !findsWorth {
                let outcome = compareAllCounts()
                if outcome != .optimal { return outcome }
                continue
            }
            workLeft -= 1 + Double(basis.count * basis.count) / 80
            takeFractions()
            switch largestViolation() {
            case .row(let row, let deficit):
                takeStepOf(row)
                guard step(slope: -deficit, entering: row, leaving: -1) else { return .stopped }
            case .chosen(let tie, let fraction):
                changeSides(tie)
                guard factorTies(), leave(tie, fraction) else { return .stopped }
            case .other(let tie, let fraction):
                guard leave(tie, fraction) else { return .stopped }
            case nil:
                if worth >= -Self.margin { return .optimal }
                let outcome = compareAllCounts()
                if outcome != .optimal { return outcome }
            }
        }
    }

    /// Gives a tied expert another option, which is worth more, and drops the tie. The step goes in the direction in
    /// which the worth falls.
    mutating func leave(_ tie: Int, for option: Int32) -> Bool {
        guard factorTies() else { return false }
        basis.solve({ $0 == tie ? 1 : 0 }, basis.steps)
        choose(Int(basis.ties[tie].expert), option)
        takeSums()
        var slope = 0.0
        for index in 0..<basis.count { slope += sums[Int(basis.rows[index])] * basis.steps[index] }
        if slope > 0 { for index in 0..<basis.count { basis.steps[index] = -basis.steps[index] } }
        for row in 0...rows { direction[row] = 0 }
        return step(slope: -abs(slope), entering: -1, leaving: tie)
    }

    /// Drops a tie whose second option has a fraction below zero, or is not allowed.
    private mutating func leave(_ tie: Int, _ fraction: Double) -> Bool {
        basis.solve({ $0 == tie ? (fraction < 0 ? -1 : 1) : 0 }, basis.steps)
        for row in 0...rows { direction[row] = 0 }
        return step(slope: -abs(fraction), entering: -1, leaving: tie)
    }

    /// Whether branching allows an option.
    @inline(__always) func isAllowed(_ option: Int32, _ expert: Int) -> Bool {
        let cost = options[Int(option)].cost
        return cost >= leastCost[expert] && cost <= largestCost[expert]
    }

    /// Returns the coverage that a row gains if the expert of a tie takes the second option.
    @inline(__always) private func gain(_ tie: CoveringBasis.Tie, _ row: Int32) -> Double {
        let other = options[Int(tie.other)]
        let key = options[Int(chosen[Int(tie.expert)])]
        return (other.row <= row ? other.gain : 0) - (key.row <= row ? key.gain : 0)
    }

    /// Factors the matrix of the basis. Returns false if it is nearly singular.
    func factorTies() -> Bool {
        for index in 0..<basis.count {
            let other = options[Int(basis.ties[index].other)]
            let key = options[Int(chosen[Int(basis.ties[index].expert)])]
            for column in 0..<basis.count {
                let row = basis.rows[column]
                basis.matrix[index * CoveringBasis.capacity + column] =
                    (other.row <= row ? other.gain : 0) - (key.row <= row ? key.gain : 0)
            }
        }
        return basis.factor()
    }

    func takePrices() {
        basis.solve(
            { options[Int(basis.ties[$0].other)].cost - options[Int(chosen[Int(basis.ties[$0].expert)])].cost },
            basis.prices)
        for row in 0...rows { price[row] = 0 }
        for index in 0..<basis.count { price[Int(basis.rows[index])] = max(0, basis.prices[index]) }
        for row in stride(from: rows - 1, through: 0, by: -1) { price[row] += price[row + 1] }
    }

    /// Computes the fractions of the ties with which the rows of the basis are exactly covered.
    private func takeFractions() {
        takeSums()
        basis.solveTransposed({ -sums[Int(basis.rows[$0])] }, basis.fractions)
    }

    /// Writes each row's coverage by the chosen options to ``sums``.
    private func takeSums() {
        var sum = 0.0
        for row in 0..<rows {
            sum += coverage[row]
            sums[row] = sum
        }
    }

    /// Returns the fraction of an expert's chosen option.
    func fractionOfChosen(_ expert: Int32) -> Double {
        guard tieCount[Int(expert)] > 0 else { return 1 }
        var result = 1.0
        for tie in 0..<basis.count where basis.ties[tie].expert == expert { result -= basis.fractions[tie] }
        return result
    }

    private func largestViolation() -> Violation? {
        var largest = Self.tolerance
        var result: Violation?
        for tie in 0..<basis.count {
            let expert = Int(basis.ties[tie].expert)
            let fraction = basis.fractions[tie]
            let excess = isAllowed(basis.ties[tie].other, expert) ? -fraction : abs(fraction)
            if 2 * excess > largest {
                largest = 2 * excess
                result = .other(tie: tie, fraction: fraction)
            }
            guard isAllowed(basis.ties[tie].other, expert) else { continue }
            let rest = tieCount[expert] == 1 ? 1 - fraction : fractionOfChosen(basis.ties[tie].expert)
            let restExcess = isAllowed(chosen[expert], expert) ? -rest : abs(rest)
            if 2 * restExcess > largest {
                largest = 2 * restExcess
                result = .chosen(tie: tie, fraction: rest)
            }
        }
        return largestDeficit(above: largest) ?? result
    }

    /// Returns the row with the largest deficit at the present fractions.
    private func largestDeficit(above least: Double) -> Violation? {
        applyFractions(1)
        var row = -1
        var most = least
        var sum = 0.0
        for index in 0..<rows {
            sum += coverage[index]
            if -sum > most {
                most = -sum
                row = index
            }
        }
        applyFractions(-1)
        return row < 0 ? nil : .row(Int32(truncatingIfNeeded: row), deficit: most)
    }

    private func applyFractions(_ sign: Double) {
        for tie in 0..<basis.count {
            let fraction = sign * basis.fractions[tie]
            let other = options[Int(basis.ties[tie].other)]
            let key = options[Int(chosen[Int(basis.ties[tie].expert)])]
            coverage[Int(other.row)] += fraction * other.gain
            coverage[Int(key.row)] -= fraction * key.gain
        }
    }

    /// Makes the second option of a tie the chosen option, and the reverse. The expert's other ties now compare with
    /// the new chosen option.
    private func changeSides(_ tie: Int) {
        let expert = Int(basis.ties[tie].expert)
        let old = chosen[expert]
        let new = basis.ties[tie].other
        choose(expert, new)
        basis.ties[tie].other = old
        isTied[Int(new)] = false
        isTied[Int(old)] = true
    }

    @inline(__always) func choose(_ expert: Int, _ option: Int32) {
        let old = options[Int(chosen[expert])]
        coverage[Int(old.row)] -= old.gain
        coverage[Int(options[Int(option)].row)] += options[Int(option)].gain
        chosen[expert] = option
    }

    /// Computes the steps of the prices if the price of `row` rises by 1 and all ties hold.
    private func takeStepOf(_ row: Int32) {
        basis.solve({ -gain(basis.ties[$0], row) }, basis.steps)
        for index in 0...rows { direction[index] = 0 }
        direction[Int(row)] = 1
    }

    /// Moves the prices along the step as long as the worth falls, and changes the basis. Returns false if the basis is
    /// full or the worth falls without end.
    private mutating func step(slope first: Double, entering: Int32, leaving: Int) -> Bool {
        var longest = Double.infinity
        var firstZero = -1
        for index in 0..<basis.count {
            direction[Int(basis.rows[index])] = basis.steps[index]
            guard basis.steps[index] < -1e-12 else { continue }
            let length = max(0, basis.prices[index]) / -basis.steps[index]
            if length < longest {
                longest = length
                firstZero = index
            }
        }
        for row in stride(from: rows - 1, through: 0, by: -1) { direction[row] += direction[row + 1] }
        var tie: CoveringBasis.Tie?
        if leaving >= 0 {
            isTied[Int(basis.ties[leaving].other)] = false
            tieCount[Int(basis.ties[leaving].expert)] -= 1
        }
        var count = 0
        for expert in 0...experts {
            guard let breakpoint = nextBreakpoint(expert, after: 0), breakpoint.step < longest else { continue }
            heap[count] = breakpoint
            count += 1
        }
        for index in stride(from: count / 2 - 1, through: 0, by: -1) {
            heap.siftDown(index, count, Breakpoint.comesFirst)
        }
        var slope = first
        var length = 0.0
        while count > 0 {
            let breakpoint = heap[0]
            let expert = Int(breakpoint.expert)
            worth += slope * (breakpoint.step - length)
            length = breakpoint.step
            slope += breakpoint.rise
            if tieCount[expert] > 0 || slope >= -1e-9 {
                tie = CoveringBasis.Tie(expert: breakpoint.expert, other: breakpoint.option)
                break
            }
            choose(expert, breakpoint.option)
            if let next = nextBreakpoint(expert, after: length), next.step < longest {
                heap[0] = next
            } else {
                count -= 1
                heap[0] = heap[count]
            }
            heap.siftDown(0, count, Breakpoint.comesFirst)
        }
        if tie == nil {
            guard firstZero >= 0 else { return false }
            worth += slope * (longest - length)
        }
        return changeBasis(entering, leaving, tie, firstZero)
    }

    /// Replaces a row or tie of the basis, or adds or removes both.
    private mutating func changeBasis(
        _ entering: Int32, _ leaving: Int, _ tie: CoveringBasis.Tie?, _ firstZero: Int
    ) -> Bool {
        if let tie {
            isTied[Int(tie.other)] = true
            tieCount[Int(tie.expert)] += 1
            if leaving >= 0 {
                basis.ties[leaving] = tie
            } else {
                guard !basis.isFull else {
                    isTied[Int(tie.other)] = false
                    tieCount[Int(tie.expert)] -= 1
                    return false
                }
                basis.append(row: entering, tie: tie)
            }
        } else if leaving >= 0 {
            basis.remove(row: firstZero, tie: leaving)
        } else {
            basis.rows[firstZero] = entering
        }
        return true
    }

    /// Returns the first step length above `length` at which an expert prefers another option.
    @inline(__always)
    private func nextBreakpoint(_ expert: Int, after length: Double) -> Breakpoint? {
        let current = options[Int(chosen[expert])]
        let worth = current.gain * price[Int(current.row)] - current.cost
        let slope = current.gain * direction[Int(current.row)]
        var best = Breakpoint(step: .infinity, rise: 0, expert: 0, option: -1)
        let start = expert * Self.optionCapacity
        for index in start..<start + Int(optionCount[expert]) {
            let option = options[index]
            let rise = option.gain * direction[Int(option.row)] - slope
            guard rise > 1e-9, !isTied[index] else { continue }
            let lag = worth - (option.gain * price[Int(option.row)] - option.cost)
            let step = max(length, lag / rise)
            if step < best.step, option.cost >= leastCost[expert], option.cost <= largestCost[expert] {
                best = Breakpoint(
                    step: step, rise: rise, expert: Int32(truncatingIfNeeded: expert),
                    option: Int32(truncatingIfNeeded: index))
            }
        }
        return best.option >= 0 ? best : nil
    }
}
