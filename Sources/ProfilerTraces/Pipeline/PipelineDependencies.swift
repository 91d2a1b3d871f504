import PipelineActions
import Timelines

/// The dependencies of a pipeline's actions on the actions of other ranks.
///
/// A forward depends on the forward of the previous stage, a gradient on the gradient of the next stage. If several
/// ranks hold a stage, as in an expert-parallel group, the k-th rank of one stage sends to the k-th rank of the next.
struct PipelineDependencies {
    /// The action of another rank that an action depends on.
    struct Source {
        /// The index of the other rank.
        var rank: Int
        /// The time at which the result was ready, on the other rank's clock.
        var ready: Int64
    }

    /// The key of a forward or a gradient.
    private struct Cell: Hashable {
        /// The index of the rank.
        var rank: Int
        var stage: Int
        var microbatch: Int
        var isForward: Bool
        /// The number of earlier actions with the same key; above 0 if a trace has several steps.
        var ordinal: Int

        init(_ action: PipelineAction, rank: Int, ordinal: Int) {
            self.rank = rank
            stage = action.stage
            microbatch = action.microbatch
            isForward = action.kind == .forward
            self.ordinal = ordinal
        }
    }

    /// For each trace and each of its actions, the action of another rank that it depends on; nil if it depends on
    /// none.
    private(set) var sources: [[Source?]]

    init(_ traces: [RankTrace]) {
        var ranksOfStage: [Int: [Int]] = [:]
        for (rank, trace) in traces.enumerated() {
            for stage in Set(trace.actions.map(\.stage)) { ranksOfStage[stage, default: []].append(rank) }
        }
        // For each stage, the position of each rank among the ranks of the stage.
        let indices = ranksOfStage.mapValues { Dictionary(uniqueKeysWithValues: zip($0, 0...)) }
        let ordinals = traces.map { Self.ordinals($0.actions) }
        let ready = Self.ready(traces, ordinals)
        sources = traces.enumerated().map { rank, trace in
            zip(trace.actions, ordinals[rank]).map { action, ordinal in
                guard action.kind != .weightGradient else { return nil }
                let stage = action.kind == .forward ? action.stage - 1 : action.stage + 1
                guard let own = ranksOfStage[action.stage], let others = ranksOfStage[stage],
                    own.count == others.count, let index = indices[action.stage]?[rank], others[index] != rank
                else { return nil }
                var cell = Cell(action, rank: others[index], ordinal: ordinal)
                cell.stage = stage
                return ready[cell].map { Source(rank: others[index], ready: $0) }
            }
        }
    }

    /// The time at which the result of each forward and gradient was ready, on its own rank's clock.
    private static func ready(_ traces: [RankTrace], _ ordinals: [[Int]]) -> [Cell: Int64] {
        var ready: [Cell: Int64] = [:]
        for (rank, trace) in traces.enumerated() {
            for (action, ordinal) in zip(trace.actions, ordinals[rank]) where action.kind != .weightGradient {
                ready[Cell(action, rank: rank, ordinal: ordinal)] =
                    (action.ready ?? action.interval.upperBound) &+ trace.baseTime
            }
        }
        return ready
    }

    /// For each action, the number of earlier actions with the same key. The actions are ordered by start.
    private static func ordinals(_ actions: [PipelineAction]) -> [Int] {
        var seen: [Cell: Int] = [:]
        return actions.map { action in
            let cell = Cell(action, rank: action.kind == .weightGradient ? 1 : 0, ordinal: 0)
            defer { seen[cell, default: 0] += 1 }
            return seen[cell] ?? 0
        }
    }

    /// Returns, for each action that depends on another rank, the time from when the result was ready until the action
    /// started, measured on the two ranks' own clocks.
    func delays(_ traces: [RankTrace]) -> [LinkDelay] {
        traces.enumerated().flatMap { rank, trace in
            zip(trace.actions, sources[rank]).compactMap { action, source in
                source.map {
                    LinkDelay(link: RankLink(from: $0.rank, to: rank), time: action.start &+ trace.baseTime &- $0.ready)
                }
            }
        }
    }

    /// Returns the times at which each rank works and waits, with each rank's clock moved by its shift.
    func times(_ traces: [RankTrace], _ shifts: [Int64]) -> [PipelineRankTimes] {
        let step = zip(traces, shifts).flatMap { trace, shift in trace.actions.map { $0.interval.moved(by: shift) } }
        let start = step.map(\.lowerBound).min() ?? 0
        let end = step.map(\.upperBound).max() ?? 0
        return traces.indices.map { times(traces, shifts, rank: $0, step: start..<end) }
    }

    private func times(_ traces: [RankTrace], _ shifts: [Int64], rank: Int, step: Range<Int64>) -> PipelineRankTimes {
        let trace = traces[rank]
        let shift = shifts[rank]
        var times = PipelineRankTimes(rank: trace.rank)
        guard !trace.actions.isEmpty else { return times }
        times.busy = IntervalSet(trace.actions.map { $0.interval.moved(by: shift) })
        times.stageWaits = IntervalSet(trace.stageWaits.intervals.map { $0.moved(by: shift) })
        let awaited = awaited(traces, shifts, rank: rank)
        var waiting: [Range<Int64>] = []
        var transfer: [Range<Int64>] = []
        for gap in times.busy.gaps(in: step).intervals {
            if gap.upperBound == step.upperBound, awaited[gap.upperBound] == nil {
                waiting.append(gap)
            } else if let ready = awaited[gap.upperBound] {
                let middle = min(max(ready, gap.lowerBound), gap.upperBound)
                waiting.append(gap.lowerBound..<middle)
                transfer.append(middle..<gap.upperBound)
            }
        }
        times.waiting = IntervalSet(waiting)
        times.transfer = IntervalSet(transfer)
        // If the rank recorded its waits, transfer outside them is the rank's own delay and counts as other.
        if !trace.stageWaits.isEmpty { times.transfer = times.transfer.intersection(times.stageWaits) }
        let gradients = trace.actions.filter(\.isGradient)
        let forwards = trace.actions.filter { $0.kind == .forward }
        times.steadyStart =
            (gradients.map(\.start).min() ?? trace.actions.map(\.start).min()).map { $0 &+ shift } ?? step.upperBound
        times.drainStart = forwards.map { $0.interval.upperBound }.max().map { $0 &+ shift } ?? times.steadyStart
        return times
    }

    /// For each start of actions of a rank, the time at which the last of the results that they depend on was ready.
    private func awaited(_ traces: [RankTrace], _ shifts: [Int64], rank: Int) -> [Int64: Int64] {
        var awaited: [Int64: Int64] = [:]
        for (action, source) in zip(traces[rank].actions, sources[rank]) {
            guard let source else { continue }
            let ready = source.ready &- traces[source.rank].baseTime &+ shifts[source.rank]
            let start = action.start &+ shifts[rank]
            awaited[start] = max(awaited[start] ?? ready, ready)
        }
        return awaited
    }
}
