public import PipelineSchedules

/// A time that no schedule of given chains can beat under given costs and a limit of activations.
///
/// For each rank: before the first backward can arrive, only forwards that have no partner run; after the last forward
/// ends, the micro-batch still has to reach the end of its chain and to come all the way back, and only backwards
/// without a partner run. Between the two lies the rest, with as many pairs as the counts of forwards and backwards
/// left allow, each saving at most what the rank's best pair saves. A limit of activations caps what fits before and
/// after; it also caps how many micro-batches are on their way, each of which takes at least its way to the end and back.
/// The bound is the longest over all ranks; costs that differ by stage are counted each as they are.
///
/// For S = vP equal stages on P ranks in one chain, wherever they lie, n = v·M forwards a rank: the last
/// stage of some rank is at most stage S-P, so that on that rank no backward starts before H = S·F + (P-1)·I, and behind
/// its last forward there still lie R = (P-1)·F + (S-1)·I + B. A pair is one forward and one backward and therefore lies
/// between the two, so that where n exceeds what memory lets run before the first backward, a step takes at least
/// H + R + min over a of (n-a)·F&B + max(0, a·F-H) + max(0, a·B-R), a being how many of each run alone. At DeepSeek-V3's
/// measured proportions, 8 ranks and 64 micro-batches that is 14.89 % above all-overlapped work for two chunks a rank
/// and 12.41 % for four.
public struct LowerBound: Hashable, Sendable {
    /// Nanoseconds that no schedule beats.
    public let time: Int64
    /// The rank that the time is due to.
    public let rank: Int
    /// The longest time that any rank computes, if all that it does were paired: the bound by work alone.
    public let work: Int64
    /// One micro-batch's way through the longest chain and back: the bound by dependencies alone.
    public let latency: Int64

    /// Computes the bound.
    ///
    /// - Parameters:
    ///   - chains: The placement, whose chains number the stages from 0.
    ///   - rankCount: How many ranks there are.
    ///   - costs: What the stages cost.
    ///   - activationLimit: The most activations of one stage that a rank holds; nil for no limit.
    ///   - allowsOverlap: Whether a schedule may have overlapped pairs.
    /// - Complexity: O(ranks · stages a rank · micro-batches).
    public init(
        _ chains: [Chain], rankCount: Int, costs: PipelineCosts, activationLimit: Int? = nil, allowsOverlap: Bool = true
    ) {
        let layout = StageLayout(chains)
        let paths = ChainPaths(layout, chains, costs, allowsOverlap: allowsOverlap)
        var stagesOfRank = [[Int]](repeating: [], count: rankCount)
        for stage in 0..<layout.stageCount where layout.microbatchCounts[stage] > 0 {
            stagesOfRank[layout.ranks[stage]].append(stage)
        }
        var best: (time: Double, rank: Int, work: Double) = (0, 0, 0)
        for (rank, stages) in stagesOfRank.enumerated() where !stages.isEmpty {
            let bound = RankBound(
                stages: stages.map { (costs.stage($0), layout.microbatchCounts[$0]) },
                head: Double(stages.map { paths.firstBackward[$0] }.min() ?? 0),
                start: Double(stages.map { paths.firstForward[$0] }.min() ?? 0),
                tail: Double(stages.map { paths.afterLastForward[$0] }.min() ?? 0),
                saving: allowsOverlap ? PairCost(costs).largestSaving(stages.map(costs.stage)) : 0,
                limit: activationLimit)
            // Each pair's length is rounded to whole nanoseconds.
            let time = max(bound.time, residency(stages, layout, paths, limit: activationLimit)) - Double(bound.count)
            if time > best.time { best = (time, rank, best.work) }
            best.work = max(best.work, bound.work - Double(bound.count))
        }
        latency = paths.latency
        time = max(Int64(best.time.rounded(.up)), latency)
        rank = best.rank
        work = Int64(max(best.work, 0).rounded(.up))
    }
}

/// The time that a rank needs to hold every activation for as long as it must, at most `limit` at once (Little's law).
private func residency(_ stages: [Int], _ layout: StageLayout, _ paths: ChainPaths, limit: Int?) -> Double {
    guard let limit, limit > 0 else { return 0 }
    let held = stages.reduce(0.0) { $0 + Double(layout.microbatchCounts[$1]) * Double(paths.residency[$1]) }
    let start = Double(stages.map { paths.firstForward[$0] }.min() ?? 0)
    let end = Double(stages.map { paths.afterBackward[$0] }.min() ?? 0)
    // Behind the rank's last input gradient there is room for weight gradients of what it then still holds.
    let longest = stages.flatMap { Array(repeating: paths.weightGradient[$0], count: layout.microbatchCounts[$0]) }
        .sorted(by: >).prefix(limit).reduce(0, +)
    return start + (held - min(end, Double(longest))) / Double(limit) + end
}

/// When the first micro-batch can be where, how long any one stays, and how long the last one still takes.
private struct ChainPaths {
    var firstForward: [Int64] = []
    var firstBackward: [Int64] = []
    var afterLastForward: [Int64] = []
    var afterBackward: [Int64] = []
    var residency: [Int64] = []
    var weightGradient: [Int64] = []
    var latency: Int64 = 0

    init(_ layout: StageLayout, _ chains: [Chain], _ costs: PipelineCosts, allowsOverlap: Bool) {
        for chain in chains {
            let stages = chain.stages.map { ShortestParts($0, layout, costs, allowsOverlap: allowsOverlap) }
            let moves = chain.ranks.indices.dropFirst().map {
                (
                    down: costs.transfer(from: chain.ranks[$0 - 1], to: chain.ranks[$0]),
                    up: costs.transfer(from: chain.ranks[$0], to: chain.ranks[$0 - 1])
                )
            }
            // Nothing can be paired before the first micro-batch has come to the end.
            var forward: [Int64] = [0]
            for index in stages.indices.dropLast() {
                forward.append(forward[index] + stages[index].loneForward + moves[index].down)
            }
            let forwardEnd = (forward.last ?? 0) + (stages.last?.loneForward ?? 0)
            // From the end of the last forward to the start of each stage's backward, from the end of each stage's
            // forward to that of the last, and from the end of each stage's input gradient to the end.
            var backward = [Int64](repeating: 0, count: stages.count)
            var onward = backward
            for index in stages.indices.dropLast().reversed() {
                backward[index] = backward[index + 1] + stages[index + 1].inputGradient + moves[index].up
                onward[index] = onward[index + 1] + moves[index].down + stages[index + 1].forward
            }
            var homeward = [Int64](repeating: 0, count: stages.count)
            for index in stages.indices.dropFirst() {
                let rest = index == 1 ? stages[0].backward : homeward[index - 1] + stages[index - 1].inputGradient
                homeward[index] = moves[index - 1].up + rest
            }
            let wayBack = backward[0] + stages[0].backward
            firstForward += forward
            firstBackward += backward.map { forwardEnd + $0 }
            afterLastForward += onward.map { $0 + wayBack }
            afterBackward += homeward
            weightGradient += stages.map(\.weightGradient)
            residency += stages.indices.map {
                stages[$0].forward + onward[$0] + backward[$0] + stages[$0].backward
            }
            if chain.microbatchCount > 0 { latency = max(latency, forwardEnd + wayBack) }
        }
    }
}

/// The least that each part of a stage's work takes for the micro-batch itself, alone or in a pair; a pair that saves much
/// may be shorter than one of its two actions.
private struct ShortestParts {
    let loneForward: Int64
    let weightGradient: Int64
    var forward: Int64
    var inputGradient: Int64
    var backward: Int64

    init(_ stage: Int, _ layout: StageLayout, _ costs: PipelineCosts, allowsOverlap: Bool) {
        let own = costs.stage(stage)
        loneForward = own.forward
        weightGradient = own.weightGradient
        forward = own.forward
        inputGradient = own.inputGradient
        backward = own.backward
        guard allowsOverlap else { return }
        let pair = PairCost(costs)
        for other in layout.ranks.indices where layout.ranks[other] == layout.ranks[stage] {
            let partner = costs.stage(other)
            let half = pair.length(partner, own, isFull: false)
            let full = pair.length(partner, own, isFull: true)
            inputGradient = min(inputGradient, half, full)
            backward = min(backward, full, half + own.weightGradient)
            forward = min(
                forward, pair.length(own, partner, isFull: false), pair.length(own, partner, isFull: true))
        }
    }
}

/// The bound that one rank's work sets.
private struct RankBound {
    let count: Int
    let time: Double
    let work: Double

    init(
        stages: [(costs: StageCosts, microbatches: Int)], head: Double, start: Double, tail: Double, saving: Double,
        limit: Int?
    ) {
        let forwards = Self.sortedLengths(stages.map { (Double($0.costs.forward), $0.microbatches) })
        let backwards = Self.sortedLengths(stages.map { (Double($0.costs.backward), $0.microbatches) })
        // A pair may leave its weight gradient out, which then runs alone.
        let weights = stages.reduce(0) { $0 + Double($1.costs.weightGradient) * Double($1.microbatches) }
        let forwardSum = forwards.reduce(0, +)
        let backwardSum = backwards.reduce(0, +)
        let room = Double(limit ?? forwards.count)
        let headRoom = min(head - start, room * (forwards.last ?? 0))
        let tailRoom = min(tail, room * (backwards.last ?? 0))
        // The sums of the shortest and of the longest `alone` actions that have no partner.
        var least = (forward: 0.0, backward: 0.0)
        var most = least
        var middle = Double.infinity
        for alone in 0...forwards.count {
            if alone > 0 {
                least.forward += forwards[alone - 1]
                least.backward += backwards[alone - 1]
                most.forward += forwards[forwards.count - alone]
                most.backward += backwards[backwards.count - alone]
            }
            let forward = min(max(headRoom, least.forward), most.forward)
            let backward = min(max(tailRoom, least.backward), min(most.backward + weights, backwardSum))
            let paired = (1 - saving) * (forwardSum - forward + backwardSum - backward)
            middle = min(middle, paired + max(0, forward - headRoom) + max(0, backward - tailRoom))
        }
        count = forwards.count
        work = (1 - saving) * (forwardSum + backwardSum)
        let usual = head + tail + middle
        // Where memory allows it, all forwards may end before the first backward starts; nothing is paired then.
        let separate = max(start + forwardSum + max(tail, backwardSum), head + backwardSum)
        time = limit.map { forwards.count > $0 } ?? false ? usual : min(usual, separate)
    }

    private static func sortedLengths(_ lengths: [(length: Double, count: Int)]) -> [Double] {
        lengths.flatMap { Array(repeating: $0.length, count: $0.count) }.sorted()
    }
}

extension PairCost {
    /// The largest part of two stages' costs that a pair of them saves.
    func largestSaving(_ stages: [StageCosts]) -> Double {
        var saving = 0.0
        for forward in stages {
            for backward in stages {
                for isFull in [true, false] {
                    let sum = forward.forward + (isFull ? backward.backward : backward.inputGradient)
                    guard sum > 0 else { continue }
                    saving = max(saving, 1 - Double(length(forward, backward, isFull: isFull)) / Double(sum))
                }
            }
        }
        return saving
    }
}
