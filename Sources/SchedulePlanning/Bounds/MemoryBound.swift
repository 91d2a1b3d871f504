import PipelineSchedules

/// The lower bound that an activation limit sets, by a linear program over the pairs that each rank forms.
///
/// Pairs save work, but a micro-batch in a paired action stays in it for the whole length of the pair, so that every
/// activation it left behind on earlier stages is held longer. The variables of the program are the numbers of pairs of
/// each forward's stage with each backward's stage. The program finds the shortest step that meets these requirements:
/// - Every rank that runs more forwards than the limit has time for its work.
/// - If a rank runs more forwards than the limit, its first backward starts before its last forward, and its pairs lie
///   between the earliest start of that backward and the latest end of that forward (see ``LowerBound``).
/// - Every rank holds at most `limit` activations at once, each for as long as it must (Little's law): from the start
///   of its forward to the end of its input gradient, and while its unpaired weight gradient runs. Forwards start, and
///   input gradients end, one after another, so that a rank holds fewer activations at the start and at the end.
///
/// The pair counts of any schedule are a feasible point of the program, so that no schedule is faster than the optimum.
struct MemoryBound {
    /// The bound, in nanoseconds.
    let time: Double
    /// The rank with the longest requirement if nothing is paired.
    let rank: Int

    /// The largest number of stages for the linear program. With more stages the program takes longer than the first
    /// results of a search, and the bound considers each rank by itself.
    private static let largestStageCount = 128

    /// Computes the bound; nil if the limit affects no rank.
    init?(
        _ layout: StageLayout, stagesOfRank: [[Int]], costs: PipelineCosts, paths: ChainPaths, limit: Int?,
        allowsOverlap: Bool
    ) {
        guard let limit, limit > 0 else { return nil }
        let bound = stagesOfRank.indices.filter { rank in
            stagesOfRank[rank].reduce(0) { $0 + layout.microbatchCounts[$1] } > limit
        }
        if bound.isEmpty { return nil }
        var program = StepProgram(
            layout: layout, costs: costs, paths: paths, pairs: allowsOverlap ? PairKind.all(stagesOfRank, costs) : [])
        guard layout.stageCount <= Self.largestStageCount else {
            let times = bound.map { program.leastResidency(stagesOfRank[$0], limit: limit) }
            let longest = times.indices.max { times[$0] < times[$1] } ?? 0
            (time, rank) = (times[longest] * (1 - 1e-9), bound[longest])
            return
        }
        for rank in bound {
            program.requireWork(stagesOfRank[rank])
            program.requirePairsBetween(stagesOfRank[rank], limit: limit)
            program.requirements.append(program.residency(stagesOfRank[rank], limit: limit))
        }
        time = program.shortest()
        rank = bound[program.longestRequirement / 3]
    }
}

/// The pairs of one stage's forwards with one stage's backwards.
private struct PairKind {
    let forward: Int
    let backward: Int
    let isFull: Bool
    let length: Double

    /// Returns every kind of pair that saves time.
    static func all(_ stagesOfRank: [[Int]], _ costs: PipelineCosts) -> [PairKind] {
        stagesOfRank.flatMap { stages in
            PairCost(costs).lengths(stages.map(costs.stage)).compactMap { pair in
                guard pair.length < pair.sum else { return nil }
                return PairKind(
                    forward: stages[pair.forward], backward: stages[pair.backward], isFull: pair.isFull,
                    length: Double(pair.length))
            }
        }
    }
}

/// The linear program: the step time without pairs, and its change with each kind of pair.
private struct StepProgram {
    /// A lower limit of the step time: `time` without pairs, and `changes[k]` more for each pair of kind k. `time`
    /// includes the whole of each `excess`, unpaired work that extends the step.
    struct Requirement {
        var time: Double
        var changes: [Double]
        var excess: [UnpairedExcess] = []
    }

    /// Unpaired work that does not fit before the first backward or after the last forward: `most` without pairs, and
    /// `parts[k]` less for each pair of kind k, but at least 0.
    struct UnpairedExcess {
        let most: Double
        let parts: [Double]
    }

    let layout: StageLayout
    let costs: PipelineCosts
    let paths: ChainPaths
    let pairs: [PairKind]
    var requirements: [Requirement] = []

    /// The index of the longest requirement without pairs.
    var longestRequirement: Int { requirements.indices.max { requirements[$0].time < requirements[$1].time } ?? 0 }

    private func count(_ stage: Int) -> Double { Double(layout.microbatchCounts[stage]) }

    private func sum(_ stages: [Int], _ part: (StageCosts) -> Int64) -> Double {
        stages.reduce(0) { $0 + count($1) * Double(part(costs.stage($1))) }
    }

    private func least(_ stages: [Int], _ times: [Int64]) -> Double { Double(stages.map { times[$0] }.min() ?? 0) }

    /// Returns the time that the backward of a pair takes alone.
    private func backwardPart(_ pair: PairKind) -> Double {
        let backward = costs.stage(pair.backward)
        return Double(pair.isFull ? backward.backward : backward.inputGradient)
    }

    private func forwardPart(_ pair: PairKind) -> Double { Double(costs.stage(pair.forward).forward) }

    mutating func requireWork(_ stages: [Int]) {
        let changes = pairs.map { pair in
            stages.contains(pair.forward) ? pair.length - forwardPart(pair) - backwardPart(pair) : 0
        }
        let start = least(stages, paths.firstForward)
        requirements.append(
            Requirement(time: start + sum(stages, \.forward) + sum(stages, \.backward), changes: changes))
    }

    mutating func requirePairsBetween(_ stages: [Int], limit: Int) {
        let head = least(stages, paths.firstBackward)
        let tail = least(stages, paths.afterLastForward)
        let longestForward = stages.map { Double(costs.stage($0).forward) }.max() ?? 0
        let longestBackward = stages.map { Double(costs.stage($0).backward) }.max() ?? 0
        let headRoom = min(head - least(stages, paths.firstForward), Double(limit) * longestForward)
        let tailRoom = min(tail, Double(limit) * longestBackward)
        let isHere = pairs.map { stages.contains($0.forward) }
        func excess(_ unpaired: Double, _ room: Double, _ part: (PairKind) -> Double) -> UnpairedExcess {
            UnpairedExcess(most: max(unpaired - room, 0), parts: zip(pairs, isHere).map { $1 ? part($0) : 0 })
        }
        let excess = [
            excess(sum(stages, \.forward), headRoom, forwardPart),
            excess(sum(stages, \.backward), tailRoom, backwardPart),
        ]
        requirements.append(
            Requirement(
                time: head + tail + excess[0].most + excess[1].most,
                changes: zip(pairs, isHere).map { $1 ? $0.length : 0 }, excess: excess.filter { $0.most > 0 }))
    }

    /// Returns the least time of ``residency(_:limit:)`` over all choices of pairs.
    func leastResidency(_ stages: [Int], limit: Int) -> Double {
        let requirement = residency(stages, limit: limit)
        return zip(pairs, requirement.changes).reduce(requirement.time) { time, pair in
            time + min(pair.1, 0) * min(count(pair.0.forward), count(pair.0.backward))
        }
    }

    func residency(_ stages: [Int], limit: Int) -> Requirement {
        let end = least(stages, paths.afterBackward)
        let held = stages.reduce(0) { $0 + count($1) * Double(paths.unpairedResidency[$1]) }
        // After the rank's last input gradient there is time for the weight gradients of the activations that the rank
        // still holds.
        let weights = stages.flatMap { Array(repeating: paths.weightGradient[$0], count: layout.microbatchCounts[$0]) }
            .sorted(by: >).prefix(limit).reduce(0, +)
        let changes = pairs.map { pair in
            let forwards = heldBehind(pair.forward, stages) * (pair.length - forwardPart(pair))
            let input = Double(costs.stage(pair.backward).inputGradient)
            let backwards = heldBehind(pair.backward, stages) * (pair.length - input)
            let weight = pair.isFull && stages.contains(pair.backward) ? backwardPart(pair) - input : 0
            return (forwards + backwards - weight) / Double(limit)
        }
        let time = (held + unused(stages, limit) - min(end, Double(weights))) / Double(limit)
        return Requirement(time: least(stages, paths.firstForward) + time + end, changes: changes)
    }

    /// Returns the number of `stages` that hold an activation of a micro-batch that passes through `stage`.
    private func heldBehind(_ stage: Int, _ stages: [Int]) -> Double {
        Double(stages.count { layout.chains[$0] == layout.chains[stage] && $0 <= stage })
    }

    /// Returns the capacity that a rank cannot use at the start and at the end, in activations times nanoseconds.
    private func unused(_ stages: [Int], _ limit: Int) -> Double {
        var forward = Double(stages.map { costs.stage($0).forward }.min() ?? 0)
        var input = Double(stages.map { costs.stage($0).inputGradient }.min() ?? 0)
        for pair in pairs where stages.contains(pair.forward) {
            forward = min(forward, pair.length)
            input = min(input, pair.length)
        }
        let limit = Double(limit)
        let first = forward * limit * (limit - 1) / 2
        let last = input * (limit - 1) * max(limit - 2, 0) / 2
        // With at least twice as many forwards as the limit, the start and the end do not overlap.
        let isLong = stages.reduce(0) { $0 + count($1) } >= 2 * limit
        return isLong ? first + last : max(first, last)
    }

    /// Returns the shortest step time, or slightly less.
    ///
    /// The program's times are fractions of the step time without pairs, and its pairs are fractions of the number of
    /// micro-batches, which keeps the numbers near 1.
    func shortest() -> Double {
        let longest = requirements.map(\.time).max() ?? 0
        guard longest > 0, !pairs.isEmpty else { return longest }
        let most = Double(max(layout.microbatchCounts.max() ?? 1, 1))
        let excessCount = requirements.reduce(0) { $0 + $1.excess.count }
        // The columns: the reduction of the step time, the pairs, and the reductions of the excesses.
        let width = 1 + pairs.count + excessCount
        var largest = [1.0]
        largest += pairs.map { min(count($0.forward), count($0.backward)) / most }
        largest += requirements.flatMap(\.excess).map { $0.most / longest }
        let objective = [1.0] + Array(repeating: 0, count: width - 1)
        var program = LinearProgram(objective: objective, largest: largest)
        var column = 1 + pairs.count
        for requirement in requirements {
            var row = [1.0] + requirement.changes.map { $0 * most / longest }
            row += Array(repeating: 0, count: excessCount)
            for excess in requirement.excess {
                row[column] = -1
                var parts = [0.0] + excess.parts.map { -$0 * most / longest } + Array(repeating: 0, count: excessCount)
                parts[column] = 1
                program.require(parts, atMost: 0)
                var whole = [Double](repeating: 0, count: width)
                whole[column] = 1
                program.require(whole, atMost: excess.most / longest)
                column += 1
            }
            program.require(row, atMost: 1 - requirement.time / longest)
        }
        for stage in 0..<layout.stageCount {
            for isForward in [true, false] {
                let row = pairs.map { (isForward ? $0.forward : $0.backward) == stage ? 1.0 : 0 }
                guard row.contains(1) else { continue }
                program.require([0] + row + Array(repeating: 0, count: excessCount), atMost: count(stage) / most)
            }
        }
        return longest * (1 - program.upperBound()) * (1 - 1e-9)
    }
}
