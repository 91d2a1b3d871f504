public import PipelineSchedules

/// A time that no schedule of given chains can beat under given costs and a limit of activations.
///
/// For each rank: before the first backward can arrive, only forwards that have no partner run; after the last forward
/// ends, the micro-batch still has to reach the end of its chain and to come all the way back, and only backwards
/// without a partner run. Between the two lies the rest, with as many pairs as the counts of forwards and backwards
/// left allow, each saving at most what the rank's best pair saves. A limit of activations caps what fits before and
/// after; it also caps how many micro-batches are on their way, each of which takes at least its time to the end and
/// back, the longer the more of its actions are paired (by a linear program, for up to 128 stages). The bound is the
/// longest over all ranks; costs that differ by stage are counted each as they are.
///
/// For S = vP equal stages on P ranks in one chain, wherever they lie, n = v·M forwards a rank: the last stage of some
/// rank is at most stage S-P, so that on that rank no backward starts before H = S·F + (P-1)·I, and behind its last
/// forward there still lie R = (P-1)·F + (S-1)·I + B. A pair is one forward and one backward and therefore lies between
/// the two, so that where n exceeds what memory lets run before the first backward, a step takes at least H + R + min
/// over a of (n-a)·F&B + max(0, a·F-H) + max(0, a·B-R), a being how many of each run alone. At DeepSeek-V3's measured
/// proportions, 8 ranks and 64 micro-batches that is 14.89 % above all-overlapped work for two chunks a rank and 12.41
/// % for four.
public struct LowerBound: Hashable, Sendable {
    /// Nanoseconds that no schedule beats.
    public let time: Int64
    /// The rank that the time is due to.
    public let rank: Int
    /// The longest time that any rank computes, if all that it does were paired: the bound by work alone.
    public let work: Int64
    /// One micro-batch's time through the longest chain and back: the bound by dependencies alone.
    public let latency: Int64

    /// Computes the bound.
    ///
    /// - Parameters:
    ///   - chains: The placement, whose chains number the stages from 0.
    ///   - rankCount: How many ranks there are.
    ///   - costs: What the stages cost.
    ///   - activationLimit: The most activations of one stage that a rank holds; nil for no limit.
    ///   - allowsOverlap: Whether a schedule may have overlapped pairs.
    /// - Complexity: O(ranks · stages a rank · micro-batches), and a linear program of O(stages · stages a rank)
    ///   numbers where activations are limited.
    public init(
        _ chains: [Chain], rankCount: Int, costs: PipelineCosts, activationLimit: Int? = nil, allowsOverlap: Bool = true
    ) {
        let layout = StageLayout(chains)
        let paths = ChainPaths(layout, chains, costs, allowsOverlap: allowsOverlap)
        let stagesOfRank = layout.stagesOfRank(rankCount: rankCount).map { stages in
            stages.filter { layout.microbatchCounts[$0] > 0 }
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
            let time = bound.time - Double(bound.count)
            if time > best.time { best = (time, rank, best.work) }
            best.work = max(best.work, bound.work - Double(bound.count))
        }
        let memory = MemoryBound(
            layout, stagesOfRank: stagesOfRank, costs: costs, paths: paths, limit: activationLimit,
            allowsOverlap: allowsOverlap)
        if let memory, memory.time > best.time { best = (memory.time, memory.rank, best.work) }
        latency = paths.latency
        time = max(Int64(best.time.rounded(.up)), latency)
        rank = best.rank
        work = Int64(max(best.work, 0).rounded(.up))
    }
}
