import PipelineActions
import Timelines

/// The actions of other ranks that each action of a pipeline waits for.
///
/// A forward needs that of the stage before, a gradient that of the stage behind. If several ranks hold a stage, as in
/// an expert-parallel group, the k-th of them hands over to the k-th of the next.
struct PipelineDependencies {
    /// An action of another rank that an action waits for.
    struct Source {
        var rank: Int
        /// When its result was there, on its own rank's clock.
        var ready: Int64
    }

    private struct Cell: Hashable {
        /// The index of the rank.
        var rank: Int
        var stage: Int
        var microbatch: Int
        var isForward: Bool
        /// How many of the same came before, where a trace holds several steps.
        var ordinal: Int

        init(_ action: PipelineAction, rank: Int, ordinal: Int) {
            self.rank = rank
            stage = action.stage
            microbatch = action.microbatch
            isForward = action.kind == .forward
            self.ordinal = ordinal
        }
    }

    /// For each trace and each of its actions, what it waits for on another rank.
    private(set) var sources: [[Source?]]

    init(_ traces: [RankTrace]) {
        var ranksOfStage: [Int: [Int]] = [:]
        for (rank, trace) in traces.enumerated() {
            for stage in Set(trace.actions.map(\.stage)) { ranksOfStage[stage, default: []].append(rank) }
        }
        // The index of a rank among those of a stage.
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

    /// When the result of each forward and gradient was there, on its own rank's clock.
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

    /// For each action, how many of the same came before; actions are by start.
    private static func ordinals(_ actions: [PipelineAction]) -> [Int] {
        var seen: [Cell: Int] = [:]
        return actions.map { action in
            let cell = Cell(action, rank: action.kind == .weightGradient ? 1 : 0, ordinal: 0)
            defer { seen[cell, default: 0] += 1 }
            return seen[cell] ?? 0
        }
    }

    /// How long after its result was there each action that waited for another rank began, by the two ranks' own
    /// clocks.
    func delays(_ traces: [RankTrace]) -> [LinkDelay] {
        traces.enumerated().flatMap { rank, trace in
            zip(trace.actions, sources[rank]).compactMap { action, source in
                source.map {
                    LinkDelay(link: RankLink(from: $0.rank, to: rank), time: action.start &+ trace.baseTime &- $0.ready)
                }
            }
        }
    }

    /// When each rank works and what it waits for, with each rank's clock moved by its shift.
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
        // A rank that records its waits tells what of the rest is its own delay.
        if !trace.stageWaits.isEmpty { times.transfer = times.transfer.intersection(times.stageWaits) }
        let gradients = trace.actions.filter(\.isGradient)
        let forwards = trace.actions.filter { $0.kind == .forward }
        times.steadyStart =
            (gradients.map(\.start).min() ?? trace.actions.map(\.start).min()).map { $0 &+ shift } ?? step.upperBound
        times.drainStart = forwards.map { $0.interval.upperBound }.max().map { $0 &+ shift } ?? times.steadyStart
        return times
    }

    /// For each start of an action of a rank, the time at which the last result was there that actions of this start
    /// wait for.
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
