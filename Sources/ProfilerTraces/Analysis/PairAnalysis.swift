import PipelineActions
public import Timelines

/// A forward and a backward pass that were overlapped, as in DualPipe, and the breakdown of their time.
public struct PairAnalysis: Hashable, Sendable {
    /// The name of the range that holds both passes.
    public var name: String
    /// The start of the range, in nanoseconds on the trace's own clock.
    public var start: Int64
    /// The breakdown of the time of the work that was launched in the range.
    public var breakdown: TimeBreakdown

    /// The ranges of a trace that are pairs. They come from the actions if the trace has any. Otherwise they are the
    /// ranges that contain a range of a forward and one of a backward, or else the stretches in which such ranges
    /// alternate.
    static func ranges(_ trace: RankTrace) -> [TraceAnnotation] {
        guard trace.actions.isEmpty else { return ranges(trace.actions) }
        let named = ranges(trace.annotations).map { trace.annotations[$0] }
        return named.isEmpty ? alternating(trace.annotations) : named
    }

    /// Successive ranges of one direction on one thread.
    private struct Run {
        var isForward: Bool
        var count = 1
        var interval: Range<Int64>
    }

    /// The stretches in which ranges of forward and backward passes alternate. O(n).
    ///
    /// A stretch has at least four runs of one direction each, and no run has more than four ranges. A longer run is
    /// not part of a pair.
    private static func alternating(_ annotations: [TraceAnnotation]) -> [TraceAnnotation] {
        runs(annotations).flatMap { thread, runs in
            runs.split { $0.count > 4 }.filter { $0.count > 3 }.compactMap { stretch in
                guard let first = stretch.first, let last = stretch.last else { return nil }
                return TraceAnnotation(
                    name: "forward with backward", start: first.interval.lowerBound,
                    duration: last.interval.upperBound - first.interval.lowerBound, thread: thread)
            }
        }.sorted { ($0.start, $0.thread) < ($1.start, $1.thread) }
    }

    /// The runs of each thread.
    private static func runs(_ annotations: [TraceAnnotation]) -> [Int32: [Run]] {
        var runsOfThread: [Int32: [Run]] = [:]
        for annotation in annotations {
            let isForward = annotation.name.hasSuffix("(F)")
            guard isForward || ["(B)", "(W)"].contains(where: annotation.name.hasSuffix) else { continue }
            append(annotation, isForward: isForward, to: &runsOfThread[annotation.thread, default: []])
        }
        return runsOfThread
    }

    /// Adds a range to the runs of its thread. A range that starts within the last run is ignored, because that run
    /// covers it.
    private static func append(_ annotation: TraceAnnotation, isForward: Bool, to runs: inout [Run]) {
        if let last = runs.last, annotation.start < last.interval.upperBound { return }
        if let last = runs.last, last.isForward == isForward {
            runs[runs.count - 1].count += 1
            runs[runs.count - 1].interval = last.interval.lowerBound..<annotation.end
        } else {
            runs.append(Run(isForward: isForward, interval: annotation.start..<annotation.end))
        }
    }

    /// The pairs among actions: a forward and a backward with the same start and end.
    private static func ranges(_ actions: [PipelineAction]) -> [TraceAnnotation] {
        let forwards = Dictionary(
            actions.filter { $0.kind == .forward }.map { ($0.interval, $0) }, uniquingKeysWith: { first, _ in first })
        return actions.compactMap { action in
            guard action.isGradient, let forward = forwards[action.interval] else { return nil }
            return TraceAnnotation(
                name: "\(forward.name) with \(action.name)", start: action.start, duration: action.duration, thread: 0)
        }
    }

    /// Returns the indices of the ranges that directly contain both a range whose name ends in `(F)` and one whose name
    /// ends in `(B)`. The annotations are ordered by start. O(n).
    static func ranges(_ annotations: [TraceAnnotation]) -> [Int] {
        var open: [Int32: [Int]] = [:]
        var forward: Set<Int> = []
        var backward: Set<Int> = []
        for (index, annotation) in annotations.enumerated() {
            var stack = open[annotation.thread] ?? []
            while let last = stack.last, annotations[last].end <= annotation.start { stack.removeLast() }
            if let parent = stack.last {
                if annotation.name.hasSuffix("(F)") { forward.insert(parent) }
                if annotation.name.hasSuffix("(B)") { backward.insert(parent) }
            }
            stack.append(index)
            open[annotation.thread] = stack
        }
        return forward.intersection(backward).sorted()
    }
}
