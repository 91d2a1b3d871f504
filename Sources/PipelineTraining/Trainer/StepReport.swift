import Timelines

/// The time that ranks spent in a step, in nanoseconds: one rank's, or the sum over all.
///
/// Bubble, hidden and exposed are those of `contraflow analyze`.
struct StepReport {
    /// From the first to the last span that computes or communicates.
    var span = 0.0
    /// The time in which actions run.
    var busy = 0.0
    /// The time in which exchanges or sums of gradients are under way.
    var communication = 0.0
    /// The part of it in which a segment computes.
    var hidden = 0.0
    /// Communication that no computation hides, by its ``ExposureCause``.
    var exposed = [Double](repeating: 0, count: ExposureCause.allCases.count)
    /// The first start of an action on each rank; a rank knows its own.
    var starts: [Double]
    /// The last end of an action on each rank; a rank knows its own.
    var ends: [Double]

    /// A report of nothing.
    init(worldSize: Int) {
        starts = Array(repeating: 0, count: worldSize)
        ends = starts
    }

    /// The report of one rank.
    ///
    /// - Parameters:
    ///   - timeline: The spans that the rank recorded in the step.
    ///   - origin: The instant, on the rank's clock, that has one time for all ranks.
    init(_ timeline: Timeline, rank: Int, worldSize: Int, origin: Int64) {
        self.init(worldSize: worldSize)
        let times = ClassTimes(timeline, rank: rank)
        let breakdown = times.breakdown
        span = Double(breakdown.span)
        communication = Double(breakdown.communication)
        hidden = Double(breakdown.overlap)
        let actions = IntervalSet(timeline.spans.lazy.filter { timeline.event(of: $0).action != nil }.map(\.interval))
        busy = Double(actions.length)
        if let extent = actions.extent {
            starts[rank] = Double(extent.lowerBound - origin)
            ends[rank] = Double(extent.upperBound - origin)
        }
        let exchanges = timeline.spans.compactMap { span in
            ExposureCause(timeline.event(of: span)).map { (cause: $0, interval: span.interval) }
        }
        for (exchange, share) in zip(exchanges, times.exposed.shares(among: exchanges.map(\.interval))) {
            exposed[exchange.cause.rawValue] += Double(share)
        }
    }

    /// The report as numbers that are added up over ranks.
    var values: [Double] { [span, busy, communication, hidden] + exposed + starts + ends }

    /// The sum of all ranks' ``values``.
    init(sum values: [Double], worldSize: Int) {
        self.init(worldSize: worldSize)
        var rest = values[...]
        func take(_ count: Int) -> [Double] {
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        let numbers = take(4)
        (span, busy, communication, hidden) = (numbers[0], numbers[1], numbers[2], numbers[3])
        exposed = take(exposed.count)
        starts = take(worldSize)
        ends = take(worldSize)
    }

    /// The part of all ranks' time that is bubble, 0 to 1; nil if no rank ran an action.
    var bubble: Double? {
        let window = (ends.max() ?? 0) - (starts.min() ?? 0)
        return BubbleShare.of(busy: Int64(busy), window: Int64(window), ranks: starts.count)
    }

    /// The part of all ranks' communication that computation hides, 0 to 1; nil if there is no communication.
    var hiddenShare: Double? {
        var times = TimeBreakdown()
        times.communication = Int64(communication)
        times.overlap = Int64(hidden)
        return times.hiddenShare
    }

    /// The parts of all ranks' time that are exposed communication, by cause; nil if there is no communication.
    var exposedShares: [String: Double]? {
        guard span > 0, communication > 0 else { return nil }
        return Dictionary(
            uniqueKeysWithValues: ExposureCause.allCases.map { ($0.name, exposed[$0.rawValue] / span) })
    }
}
