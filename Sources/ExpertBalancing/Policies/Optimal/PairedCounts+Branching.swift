/// Branch and bound: whole counts instead of fractions.
extension PairedCounts {
    enum Decision {
        /// The chosen options cover all rows within the slots.
        case reached
        /// No counts reach the limit.
        case impossible
        case undecided
    }

    /// The largest number of nested branches.
    static let depth = 24

    /// The part of a branch that is searched later, with the basis at the branching.
    struct Branch {
        var expert: Int32
        var leastCost: Double
        var largestCost: Double
        var restrictions: Int32
        var basisCount: Int32
        var worth: Double
    }

    /// The costs that an expert was allowed before a restriction.
    struct Restriction {
        var expert: Int32
        var leastCost: Double
        var largestCost: Double
    }

    /// Decides the listed limit by a depth-first search for whole counts.
    mutating func decide() -> Decision {
        var restrictions = 0
        var waiting = 0
        var isProof = true
        while true {
            switch optimize() {
            case .optimal:
                let tie = mostFractionalTie()
                round()
                if longestTime <= limit || tie == nil { return .reached }
                if let tie, tie >= 0, waiting < Self.depth, restrictions < 2 * Self.depth {
                    split(tie, &restrictions, &waiting)
                    continue
                }
                isProof = false
            case .negative: break
            case .stopped: isProof = false
            }
            guard waiting > 0, workLeft > 0 else { return isProof && waiting == 0 ? .impossible : .undecided }
            waiting -= 1
            resume(waiting, &restrictions)
        }
    }

    /// Returns the tie of the expert whose largest fraction is the smallest; nil if all are whole, −1 if only the
    /// filler has a fraction.
    private func mostFractionalTie() -> Int? {
        var result: Int?
        var least = 1 - 1e-6
        for tie in 0..<basis.count {
            let expert = basis.ties[tie].expert
            var largest = fractionOfChosen(expert)
            for other in 0..<basis.count where basis.ties[other].expert == expert {
                largest = max(largest, basis.fractions[other])
            }
            guard Int(expert) < experts else { continue }
            if largest < least {
                least = largest
                result = tie
            }
        }
        return result == nil && usesFiller ? -1 : result
    }

    /// Whether the solution covers rows by shares of 0, which do not exist.
    private var usesFiller: Bool {
        let isChosen = Int(chosen[experts]) != experts * Self.optionCapacity
        let fraction = fractionOfChosen(Int32(truncatingIfNeeded: experts))
        return isChosen ? fraction > 1e-6 : fraction < 1 - 1e-6
    }

    /// Splits the counts of a tie's expert in two. The part with the larger fraction is searched first.
    private mutating func split(_ tie: Int, _ restrictions: inout Int, _ waiting: inout Int) {
        let expert = Int(basis.ties[tie].expert)
        // The split is at the mean cost, so that both parts exclude the present solution.
        var mean = fractionOfChosen(basis.ties[tie].expert) * options[Int(chosen[expert])].cost
        for other in 0..<basis.count where Int(basis.ties[other].expert) == expert {
            mean += basis.fractions[other] * options[Int(basis.ties[other].other)].cost
        }
        let cut = mean.rounded(.down)
        let lower = (leastCost[expert], cut)
        let upper = (cut + 1, largestCost[expert])
        let takesUpper = mean - cut >= 0.5
        save(waiting, expert, takesUpper ? lower : upper, restrictions)
        waiting += 1
        restrict(expert, takesUpper ? upper : lower, &restrictions)
    }

    private mutating func restrict(_ expert: Int, _ costs: (Double, Double), _ restrictions: inout Int) {
        restricted[restrictions] = Restriction(
            expert: Int32(truncatingIfNeeded: expert), leastCost: leastCost[expert], largestCost: largestCost[expert])
        restrictions += 1
        (leastCost[expert], largestCost[expert]) = costs
    }

    private func save(_ index: Int, _ expert: Int, _ costs: (Double, Double), _ restrictions: Int) {
        branches[index] = Branch(
            expert: Int32(truncatingIfNeeded: expert), leastCost: costs.0, largestCost: costs.1,
            restrictions: Int32(truncatingIfNeeded: restrictions), basisCount: Int32(truncatingIfNeeded: basis.count),
            worth: worth)
        for expert in 0...experts { savedChoices[index * (experts + 1) + expert] = chosen[expert] }
        for position in 0..<basis.count {
            savedRows[index * CoveringBasis.capacity + position] = basis.rows[position]
            savedTies[index * CoveringBasis.capacity + position] = basis.ties[position]
        }
    }

    /// Restores the basis of a branch and allows only its counts.
    private mutating func resume(_ index: Int, _ restrictions: inout Int) {
        let branch = branches[index]
        while restrictions > Int(branch.restrictions) {
            restrictions -= 1
            let restriction = restricted[restrictions]
            leastCost[Int(restriction.expert)] = restriction.leastCost
            largestCost[Int(restriction.expert)] = restriction.largestCost
        }
        restrict(Int(branch.expert), (branch.leastCost, branch.largestCost), &restrictions)
        clearTies()
        for position in 0..<Int(branch.basisCount) {
            let tie = savedTies[index * CoveringBasis.capacity + position]
            basis.append(row: savedRows[index * CoveringBasis.capacity + position], tie: tie)
            isTied[Int(tie.other)] = true
            tieCount[Int(tie.expert)] += 1
        }
        for row in 0...rows { coverage[row] = 0 }
        for expert in 0...experts {
            let option = savedChoices[index * (experts + 1) + expert]
            chosen[expert] = option
            coverage[Int(options[Int(option)].row)] += options[Int(option)].gain
        }
        worth = branch.worth
    }
}
