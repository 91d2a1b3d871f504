import Algorithms
public import Timelines

/// What one rank's trace says, in figures. All times are nanoseconds.
public struct RankAnalysis: Sendable {
    /// The rank.
    public let rank: Int
    /// What was analysed: from the first start to the last end, or what `--from` and `--to` leave, in the trace's own
    /// clock; nil where the device did nothing.
    public let window: Range<Int64>?
    /// How the time was spent.
    public let breakdown: TimeBreakdown
    /// When what ran.
    public let times: ClassTimes
    /// Why the device had nothing to do.
    public let idle: IdleCauses
    /// The device's kernels, the longest first.
    public let kernels: [KernelUse]
    /// Communication by kernel family, by exposed time.
    public let families: [CommunicationPart]
    /// Communication by stream.
    public let streams: [CommunicationPart]
    /// Communication by process group and operation, where the trace names them.
    public let groups: [CommunicationPart]
    /// Communication by the program's range that launched it.
    public let annotations: [CommunicationPart]
    /// The profiler's steps.
    public let steps: [StepAnalysis]
    /// The forward and backward passes that were overlapped together, where the program's ranges name them.
    public let pairs: [PairAnalysis]
    /// Whether the rank recorded its own timeline, where a profiler would have traced it.
    public let isRecorded: Bool
    /// Low-latency exchanges between their halves.
    public let inFlight: [InFlightExchanges]

    /// Analyses the whole trace, or what of it lies in `window`, which counts nanoseconds from `origin` or else from
    /// the first start. O(n log n) in the device's events.
    public init(_ trace: RankTrace, window relative: Range<Int64>? = nil, origin: Int64? = nil) {
        rank = trace.rank
        isRecorded = trace.sharesClock
        let spans = trace.timeline.spans
        let extent = trace.timeline.extent ?? 0..<0
        let first = origin ?? extent.lowerBound
        let window = relative.map { (first + $0.lowerBound..<first + $0.upperBound).clamped(to: extent) } ?? extent
        let indices = spans.indices.filter {
            spans[$0].interval.overlaps(window) || spans[$0].duration == 0 && window.contains(spans[$0].start)
        }
        self.window = indices.isEmpty ? nil : window
        times = ClassTimes(trace, indices: indices, window: window)
        breakdown = times.breakdown
        idle = IdleCauses(trace, indices: indices, times: times)
        let shares = CommunicationShares(trace, indices: indices, window: window, times: times)
        kernels = shares.kernels
        families = shares.families
        streams = shares.streams
        groups = shares.groups
        annotations = shares.annotations
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

    /// The breakdown of the work of each of some ranges, which are by start; nil for a range without work. Work belongs
    /// to the range in which it was launched; without a launch, to the one in which it began.
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
