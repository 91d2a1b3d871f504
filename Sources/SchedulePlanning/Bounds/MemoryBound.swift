import PipelineSchedules

/// The time that a limit of activations sets, by a linear program over which pairs each rank makes.
///
/// Pairs save work, but whatever is on its way through a paired action stays there for the pair's whole length, so that
/// every activation it has left behind is held longer. The program chooses how many pairs of each forward's stage with
/// each backward's stage there are, and the shortest step for which
/// - every rank has time for its work;
/// - where a rank runs more forwards than the limit, so that its first backward starts before its last forward, its
///   pairs lie between the earliest start of the one and the latest end of the other (see ``LowerBound``);
/// - every rank holds, at most `limit` at once, each activation for as long as it must (Little's law): from the start
///   of its forward to the end of its input gradient, and while its unpaired weight gradient runs. Forwards start, and
///   input gradients end, one after the other, so that not all that a rank may hold is there at first and at last.
///
/// A schedule's own counts are a point of the program, so that no schedule is faster than its optimum.
struct MemoryBound {
    /// Nanoseconds that no schedule beats.
    let time: Double
    /// The rank whose requirement is the longest where nothing is paired.
    let rank: Int

    /// Above this many stages the program takes longer than a search's first answers, and only what each rank holds by
    /// itself counts.
    private static let largestStageCount = 128

    /// A bound; nil where the limit binds no rank.
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

    /// Every kind of pair that saves time.
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

/// The linear program: what the step takes where nothing is paired, and how that changes with each kind of pair.
private struct StepProgram {
    /// The step takes at least `time`, and `changes` for each pair of a kind; what its unpaired actions then leave
    /// outside the time between is `excess`.
    struct Requirement {
        var time: Double
        var changes: [Double]
        var excess: [UnpairedExcess] = []
    }

    /// Unpaired work that does not fit outside, which each pair of a kind makes less by what it takes out of it.
    struct UnpairedExcess {
        let most: Double
        let parts: [Double]
    }

    let layout: StageLayout
    let costs: PipelineCosts
    let paths: ChainPaths
    let pairs: [PairKind]
    var requirements: [Requirement] = []

    /// Which requirement is the longest where nothing is paired.
    var longestRequirement: Int { requirements.indices.max { requirements[$0].time < requirements[$1].time } ?? 0 }

    private func count(_ stage: Int) -> Double { Double(layout.microbatchCounts[stage]) }

    private func sum(_ stages: [Int], _ part: (StageCosts) -> Int64) -> Double {
        stages.reduce(0) { $0 + count($1) * Double(part(costs.stage($1))) }
    }

    private func least(_ stages: [Int], _ times: [Int64]) -> Double { Double(stages.map { times[$0] }.min() ?? 0) }

    /// The part of a pair's work that is its backward's.
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

    /// The least of ``residency(_:limit:)`` over all pairs.
    func leastResidency(_ stages: [Int], limit: Int) -> Double {
        let requirement = residency(stages, limit: limit)
        return zip(pairs, requirement.changes).reduce(requirement.time) { time, pair in
            time + min(pair.1, 0) * min(count(pair.0.forward), count(pair.0.backward))
        }
    }

    func residency(_ stages: [Int], limit: Int) -> Requirement {
        let end = least(stages, paths.afterBackward)
        let held = stages.reduce(0) { $0 + count($1) * Double(paths.unpairedResidency[$1]) }
        // Behind the rank's last input gradient there is room for weight gradients of what it then still holds.
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

    /// How many of the stages hold an activation of what passes through `stage`.
    private func heldBehind(_ stage: Int, _ stages: [Int]) -> Double {
        Double(stages.count { layout.chains[$0] == layout.chains[stage] && $0 <= stage })
    }

    /// What a rank cannot hold at first and at last, in activations times nanoseconds.
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
        // With two times the limit the time at first and the time at last are apart.
        let isLong = stages.reduce(0) { $0 + count($1) } >= 2 * limit
        return isLong ? first + last : max(first, last)
    }

    /// The shortest step, or a little less.
    ///
    /// Times are in parts of the step without pairs, pairs in parts of all micro-batches, which keeps the numbers near
    /// 1.
    func shortest() -> Double {
        let longest = requirements.map(\.time).max() ?? 0
        guard longest > 0, !pairs.isEmpty else { return longest }
        let most = Double(max(layout.microbatchCounts.max() ?? 1, 1))
        let excessCount = requirements.reduce(0) { $0 + $1.excess.count }
        // What the step gains, the pairs, and what is excess.
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
