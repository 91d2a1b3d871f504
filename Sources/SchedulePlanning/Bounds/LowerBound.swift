public import PipelineSchedules

/// A lower bound on the time of every schedule of given chains, under given costs and an activation limit.
///
/// For each rank, only unpaired forwards run before the first backward can arrive. After the rank's last forward, only
/// unpaired backwards run, while the micro-batch of that forward goes to the end of its chain and all the way back. The
/// rest of the work lies between the two. It contains as many pairs as the remaining forwards and backwards allow, and
/// each pair saves at most what the rank's best pair saves.
///
/// An activation limit caps the work that fits before and after. It also caps the number of micro-batches in flight.
/// Each of these takes at least its time to the end and back, and longer the more of its actions are paired (by a
/// linear program, for up to 128 stages). The bound is the longest time over all ranks. Costs that differ by stage are
/// counted stage by stage.
///
/// For S = vP equal stages on P ranks in one chain, under any placement, each rank runs n = v·M forwards. The last
/// stage of some rank is at most stage S-P. On that rank, no backward starts before H = S·F + (P-1)·I. Its last forward
/// is followed by at least R = (P-1)·F + (S-1)·I + B. A pair is one forward and one backward and therefore lies between
/// the two. If n exceeds the number of forwards that memory allows before the first backward, a step takes at least H +
/// R + min over a of (n-a)·F&B + max(0, a·F-H) + max(0, a·B-R), where a is the number of forwards, and of backwards,
/// that run alone. At DeepSeek-V3's measured proportions, 8 ranks and 64 micro-batches, the bound is 14.89 % above
/// fully overlapped work for two chunks per rank, and 12.41 % for four.
public struct LowerBound: Hashable, Sendable {
    /// The bound, in nanoseconds.
    public let time: Int64
    /// The rank that determines the bound.
    public let rank: Int
    /// The bound by work alone, in nanoseconds: the longest compute time of any rank if all its work were paired.
    public let work: Int64
    /// The bound by dependencies alone, in nanoseconds: the time of one micro-batch through the slowest chain and back.
    public let latency: Int64

    /// Computes the bound.
    ///
    /// - Parameters:
    ///   - chains: The chains of the placement, which number the stages from 0.
    ///   - rankCount: The number of ranks.
    ///   - costs: The costs of the stages.
    ///   - activationLimit: The maximum number of activations per rank, each of one micro-batch at one stage; nil for
    ///     no limit.
    ///   - allowsOverlap: Whether a schedule may have overlapped pairs.
    /// - Complexity: O(ranks · stages per rank · micro-batches), plus a linear program of O(stages · stages per rank)
    ///   variables if activations are limited.
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
