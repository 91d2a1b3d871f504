import PipelineActions
import Timelines

/// Which action of which rank each action of a pipeline waits for.
///
/// A forward needs that of the stage before, a gradient that of the stage behind. Where several ranks hold a stage, as in
/// an expert-parallel group, the k-th of them hands over to the k-th of the next.
struct PipelineDependencies {
    /// An action of another rank that an action waits for.
    struct Source {
        var rank: Int
        /// When its result was there, on its own rank's clock.
        var ready: Int64
    }

    private struct Cell: Hashable {
        var place: Int
        var stage: Int
        var microbatch: Int
        var isForward: Bool
        /// How many of the same came before, where a trace holds several steps.
        var ordinal: Int
    }

    /// For each trace and each of its actions, what it waits for on another rank.
    private(set) var sources: [[Source?]]

    init(_ traces: [RankTrace]) {
        var holders: [Int: [Int]] = [:]
        for (place, trace) in traces.enumerated() {
            for stage in Set(trace.actions.map(\.stage)) { holders[stage, default: []].append(place) }
        }
        // The place among those that hold a stage.
        let positions = holders.mapValues { Dictionary(uniqueKeysWithValues: zip($0, 0...)) }
        var ready: [Cell: Int64] = [:]
        let ordinals = traces.map { Self.ordinals($0.actions) }
        for (place, trace) in traces.enumerated() {
            for (index, action) in trace.actions.enumerated() where action.kind != .weightGradient {
                let cell = Cell(
                    place: place, stage: action.stage, microbatch: action.microbatch,
                    isForward: action.kind == .forward, ordinal: ordinals[place][index])
                ready[cell] = (action.ready ?? action.interval.upperBound) &+ trace.baseTime
            }
        }
        sources = traces.enumerated().map { place, trace in
            trace.actions.enumerated().map { index, action in
                guard action.kind != .weightGradient else { return nil }
                let isForward = action.kind == .forward
                let stage = isForward ? action.stage - 1 : action.stage + 1
                guard let own = holders[action.stage], let others = holders[stage], own.count == others.count,
                    let position = positions[action.stage]?[place], others[position] != place
                else { return nil }
                let cell = Cell(
                    place: others[position], stage: stage, microbatch: action.microbatch, isForward: isForward,
                    ordinal: ordinals[place][index])
                return ready[cell].map { Source(rank: others[position], ready: $0) }
            }
        }
    }

    /// For each action, how many of the same came before; actions are by start.
    private static func ordinals(_ actions: [PipelineAction]) -> [Int] {
        var seen: [Cell: Int] = [:]
        return actions.map { action in
            let cell = Cell(
                place: action.kind == .weightGradient ? 1 : 0, stage: action.stage, microbatch: action.microbatch,
                isForward: action.kind == .forward, ordinal: 0)
            defer { seen[cell, default: 0] += 1 }
            return seen[cell] ?? 0
        }
    }

    /// How long after its result was there each action that waited for another rank began, by the two ranks' own clocks.
    func delays(_ traces: [RankTrace]) -> [LinkDelay] {
        traces.enumerated().flatMap { place, trace in
            zip(trace.actions, sources[place]).compactMap { action, source in
                source.map {
                    LinkDelay(from: $0.rank, to: place, time: action.start &+ trace.baseTime &- $0.ready)
                }
            }
        }
    }

    /// When each rank works and what it waits for, with each rank's clock moved by its shift.
    func times(_ traces: [RankTrace], _ shifts: [Int64]) -> [PipelineRankTimes] {
        let step = traces.indices.flatMap { place in
            traces[place].actions.map { $0.start &+ shifts[place]..<$0.interval.upperBound &+ shifts[place] }
        }
        let start = step.map(\.lowerBound).min() ?? 0
        let end = step.map(\.upperBound).max() ?? 0
        return traces.enumerated().map { place, trace in
            times(trace, sources[place], shift: shifts[place], shifts: shifts, traces: traces, step: start..<end)
        }
    }

    private func times(
        _ trace: RankTrace, _ sources: [Source?], shift: Int64, shifts: [Int64], traces: [RankTrace],
        step: Range<Int64>
    ) -> PipelineRankTimes {
        var times = PipelineRankTimes(rank: trace.rank)
        guard !trace.actions.isEmpty else { return times }
        func moved(_ interval: Range<Int64>) -> Range<Int64> {
            interval.lowerBound &+ shift..<interval.upperBound &+ shift
        }
        times.busy = IntervalSet(trace.actions.map { moved($0.interval) })
        times.stageWaits = IntervalSet(trace.stageWaits.intervals.map(moved))
        // What the actions that begin together wait for last.
        var awaited: [Int64: Int64] = [:]
        for (action, source) in zip(trace.actions, sources) {
            guard let source else { continue }
            let ready = source.ready &- traces[source.rank].baseTime &+ shifts[source.rank]
            let start = action.start &+ shift
            awaited[start] = max(awaited[start] ?? ready, ready)
        }
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
        if !trace.stageWaits.isEmpty {
            times.transfer = times.transfer.intersection(times.stageWaits)
        }
        let gradients = trace.actions.filter(\.isGradient)
        let forwards = trace.actions.filter { $0.kind == .forward }
        times.steadyStart =
            (gradients.map(\.start).min() ?? trace.actions.map(\.start).min()).map { $0 &+ shift } ?? step.upperBound
        times.drainStart = forwards.map { $0.interval.upperBound }.max().map { $0 &+ shift } ?? times.steadyStart
        return times
    }
}
