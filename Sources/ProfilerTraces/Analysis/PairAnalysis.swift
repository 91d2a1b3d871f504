import PipelineActions
public import Timelines

/// A forward and a backward pass that were overlapped together, as DualPipe does, and what of their communication is
/// hidden.
public struct PairAnalysis: Hashable, Sendable {
    /// The range that holds both, by its name.
    public var name: String
    /// When the range opened, in the trace's own clock.
    public var start: Int64
    /// How the time of the work that was launched in it was spent.
    public var breakdown: TimeBreakdown

    /// The ranges of a trace that are pairs: by its actions if it names them, else the ranges that hold both a
    /// forward's and a backward's, else stretches in which such ranges alternate.
    static func ranges(_ trace: RankTrace) -> [TraceAnnotation] {
        guard trace.actions.isEmpty else { return ranges(trace.actions) }
        let named = ranges(trace.annotations).map { trace.annotations[$0] }
        return named.isEmpty ? alternating(trace.annotations) : named
    }

    /// Ranges of one direction that follow one another on a thread.
    private struct Run {
        var isForward: Bool
        var count = 1
        var interval: Range<Int64>
    }

    /// Stretches in which ranges of forward and backward passes alternate, if no range holds both: at least four runs
    /// of one direction, none of more than four ranges. A longer run is no part of a pair. O(n).
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

    private static func runs(_ annotations: [TraceAnnotation]) -> [Int32: [Run]] {
        var runsOfThread: [Int32: [Run]] = [:]
        for annotation in annotations {
            let isForward = annotation.name.hasSuffix("(F)")
            guard isForward || ["(B)", "(W)"].contains(where: annotation.name.hasSuffix) else { continue }
            append(annotation, isForward: isForward, to: &runsOfThread[annotation.thread, default: []])
        }
        return runsOfThread
    }

    /// Adds a range to the runs of its thread. A range within the last run is a part of it.
    private static func append(_ annotation: TraceAnnotation, isForward: Bool, to runs: inout [Run]) {
        if let last = runs.last, annotation.start < last.interval.upperBound { return }
        if let last = runs.last, last.isForward == isForward {
            runs[runs.count - 1].count += 1
            runs[runs.count - 1].interval = last.interval.lowerBound..<annotation.end
        } else {
            runs.append(Run(isForward: isForward, interval: annotation.start..<annotation.end))
        }
    }

    /// A forward and a backward that are recorded with one extent.
    private static func ranges(_ actions: [PipelineAction]) -> [TraceAnnotation] {
        let forwards = Dictionary(
            actions.filter { $0.kind == .forward }.map { ($0.interval, $0) }, uniquingKeysWith: { first, _ in first })
        return actions.compactMap { action in
            guard action.isGradient, let forward = forwards[action.interval] else { return nil }
            return TraceAnnotation(
                name: "\(forward.name) with \(action.name)", start: action.start, duration: action.duration, thread: 0)
        }
    }

    /// The ranges of a program that directly hold ranges of a forward and of a backward pass, told by names that end in
    /// `(F)` and `(B)`, as indices into `annotations`, which are by start. O(n).
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
