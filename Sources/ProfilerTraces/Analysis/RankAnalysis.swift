import Algorithms
public import Timelines

/// The analysis of one rank's trace. All times are nanoseconds.
public struct RankAnalysis: Sendable {
    /// The rank.
    public let rank: Int
    /// The device and process that the trace is of; nil if its file holds no other.
    public let part: DevicePart?
    /// The time from which windows and the times in findings count, on the trace's own clock.
    public let origin: Int64
    /// The analyzed window, on the trace's own clock: from the first start to the last end, clipped to the window that
    /// the caller gave. Nil if it contains no work of the device.
    public let window: Range<Int64>?
    /// The breakdown of the time.
    public let breakdown: TimeBreakdown
    /// The times at which each class of work ran.
    public let times: ClassTimes
    /// The idle time by its causes.
    public let idle: IdleCauses
    /// The device's kernels, by time, the longest first.
    public let kernels: [KernelUse]
    /// The kernels that count as computation because no rule knows them, and that look like communication: by name, by
    /// a communicator among their arguments, or by a collective that the trace names for them.
    public let suspects: [KernelUse]
    /// Communication by kernel family, ordered by exposed time.
    public let families: [CommunicationPart]
    /// Communication by stream.
    public let streams: [CommunicationPart]
    /// Communication by process group and operation; empty if the trace names none.
    public let groups: [CommunicationPart]
    /// Communication by the range in which it was launched; empty if the trace has no such range.
    public let annotations: [CommunicationPart]
    /// The profiler's steps.
    public let steps: [StepAnalysis]
    /// The pairs of an overlapped forward and backward pass; empty if neither ranges nor actions show any.
    public let pairs: [PairAnalysis]
    /// Whether the trace is a timeline that a run recorded or a simulation made, not a profiler's.
    public let isRecorded: Bool
    /// The communication on the stream that computes; nil if there is none, and for the timelines of runs.
    public let onComputeStream: CommunicationOnComputeStream?
    /// The low-latency exchanges in flight between their two kernels.
    public let inFlight: [InFlightExchanges]

    /// The doubts about these figures.
    public internal(set) var notes: [TraceNote]

    /// Analyzes a trace, or its part in `window`. O(n log n) in the number of device events.
    ///
    /// The window is in nanoseconds from `origin`, or from the trace's first start if `origin` is nil.
    public init(_ trace: RankTrace, window relative: Range<Int64>? = nil, origin: Int64? = nil) {
        rank = trace.rank
        part = trace.part
        isRecorded = trace.sharesClock
        notes = trace.notes
        let spans = trace.timeline.spans
        let extent = trace.timeline.extent ?? 0..<0
        let first = origin ?? extent.lowerBound
        self.origin = relative == nil ? extent.lowerBound : first
        let window = relative.map { (first + $0.lowerBound..<first + $0.upperBound).clamped(to: extent) } ?? extent
        let indices = spans.indices.filter {
            spans[$0].interval.overlaps(window) || spans[$0].duration == 0 && window.contains(spans[$0].start)
        }
        self.window = indices.isEmpty ? nil : window
        times = ClassTimes(trace, indices: indices, window: window)
        breakdown = times.breakdown
        idle = IdleCauses(trace, indices: indices, times: times)
        if Double(idle.unknown) > Finding.leastShare * Double(breakdown.span) {
            notes.append(TraceNote(.idleWithoutLaunch, time: idle.unknown))
        }
        let parts = CommunicationParts(trace, indices: indices, window: window, times: times)
        kernels = parts.kernels
        suspects = trace.sharesClock ? [] : Self.suspects(among: kernels, trace)
        families = parts.families
        streams = parts.streams
        onComputeStream =
            trace.sharesClock
            ? nil
            : CommunicationOnComputeStream(trace, indices: indices, window: window, streams: streams, times: times)
        groups = parts.groups
        annotations = parts.annotations
        let fused = kernels.filter { $0.kind == KernelRules.fused }
        if !fused.isEmpty {
            notes.append(
                TraceNote(
                    .fusedCommunication, count: fused.reduce(0) { $0 + $1.count },
                    time: fused.reduce(0) { $0 + $1.time }))
        }
        let steps = Self.breakdowns(of: trace.steps, trace, indices, window)
        self.steps = zip(trace.steps, steps).map {
            StepAnalysis(number: $0.step ?? 0, breakdown: $1 ?? TimeBreakdown())
        }
        let ranges = PairAnalysis.ranges(trace)
        let pairs = Self.breakdowns(of: ranges, trace, indices, window)
        self.pairs = zip(ranges, pairs).compactMap { range, breakdown in
            breakdown.map { PairAnalysis(name: range.name, start: range.start, breakdown: $0) }
        }
        inFlight = InFlightExchanges.find(trace, indices: indices, times: times, window: window)
    }

    /// The kernels that no rule knows and that look like communication.
    private static func suspects(among kernels: [KernelUse], _ trace: RankTrace) -> [KernelUse] {
        let unknown = KernelKind(activity: .compute)
        var named: Set<String> = []
        for (span, collective) in zip(trace.timeline.spans, trace.collectiveOfSpan) where collective >= 0 {
            if trace.kind(of: span) == unknown { named.insert(trace.timeline.event(of: span).name) }
        }
        return kernels.filter {
            $0.kind == unknown && (named.contains($0.name) || SuspectNames.contains($0.name))
        }
    }

    /// The breakdowns of the work of ranges, which are ordered by start; nil for a range without work. Work belongs to
    /// the range in which it was launched. Work without a launch belongs to the range in which it started.
    private static func breakdowns(
        of ranges: [TraceAnnotation], _ trace: RankTrace, _ indices: [Int], _ window: Range<Int64>
    ) -> [TimeBreakdown?] {
        guard !ranges.isEmpty else { return [] }
        var members = [[Int]](repeating: [], count: ranges.count)
        for index in indices {
            let launch = trace.launchOfSpan[index]
            let time = launch >= 0 ? trace.launches[Int(launch)].start : trace.timeline.spans[index].start
            let next = ranges.partitioningIndex { $0.start > time }
            if next > 0, time < ranges[next - 1].end { members[next - 1].append(index) }
        }
        return members.map { $0.isEmpty ? nil : ClassTimes(trace, indices: $0, window: window).breakdown }
    }
}
