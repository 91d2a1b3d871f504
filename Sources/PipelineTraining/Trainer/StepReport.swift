import Timelines

/// The time that ranks spent in a step, in nanoseconds: the time of one rank, or the sum over all ranks.
///
/// Bubble, hidden and exposed have the definitions of `contraflow analyze`.
struct StepReport {
    /// The time from the first to the last span that computes or communicates, the time in which exchanges or sums of
    /// gradients are in progress, and the part of that time in which a segment computes.
    var times = TimeBreakdown()
    /// The time in which actions run.
    var busy = 0.0
    /// The communication that no computation hides, by ``ExposureCause``.
    var exposed = [Double](repeating: 0, count: ExposureCause.allCases.count)
    /// The start of the first action on each rank. In the report of one rank, those of other ranks are 0.
    var starts: [Double]
    /// The end of the last action on each rank. In the report of one rank, those of other ranks are 0.
    var ends: [Double]

    /// Creates a report of zeros.
    init(worldSize: Int) {
        starts = Array(repeating: 0, count: worldSize)
        ends = starts
    }

    /// Creates the report of one rank.
    ///
    /// - Parameters:
    ///   - timeline: The spans that the rank recorded in the step.
    ///   - origin: The time on the rank's clock that counts as 0: about the same instant on all ranks.
    init(_ timeline: Timeline, rank: Int, worldSize: Int, origin: Int64) {
        self.init(worldSize: worldSize)
        let classes = ClassTimes(timeline, rank: rank)
        times = classes.breakdown
        let actions = IntervalSet(timeline.spans.lazy.filter { timeline.event(of: $0).action != nil }.map(\.interval))
        busy = Double(actions.length)
        if let extent = actions.extent {
            starts[rank] = Double(extent.lowerBound - origin)
            ends[rank] = Double(extent.upperBound - origin)
        }
        let exchanges = timeline.spans.compactMap { span in
            ExposureCause(timeline.event(of: span)).map { (cause: $0, interval: span.interval) }
        }
        for (exchange, share) in zip(exchanges, classes.exposed.shares(among: exchanges.map(\.interval))) {
            exposed[exchange.cause.rawValue] += Double(share)
        }
    }

    /// The report as numbers to be summed over ranks.
    var values: [Double] {
        [Double(times.span), busy, Double(times.communication), Double(times.overlap)] + exposed + starts + ends
    }

    /// Creates the report of all ranks from the sum of their ``values``.
    init(sum values: [Double], worldSize: Int) {
        self.init(worldSize: worldSize)
        var rest = values[...]
        func take(_ count: Int) -> [Double] {
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        let numbers = take(4)
        (times.span, busy) = (Int64(numbers[0]), numbers[1])
        (times.communication, times.overlap) = (Int64(numbers[2]), Int64(numbers[3]))
        exposed = take(exposed.count)
        starts = take(worldSize)
        ends = take(worldSize)
    }

    /// The bubble's share of the time of all ranks, 0 to 1; nil if no rank ran an action.
    var bubble: Double? {
        let window = (ends.max() ?? 0) - (starts.min() ?? 0)
        return BubbleShare.of(busy: Int64(busy), window: Int64(window), ranks: starts.count)
    }

    /// The share of all ranks' communication that computation hides, 0 to 1; nil if there is no communication.
    var hiddenShare: Double? { times.hiddenShare }

    /// The shares of all ranks' time that are exposed communication, by cause; nil if there is no communication.
    var exposedShares: [String: Double]? {
        guard times.span > 0, times.communication > 0 else { return nil }
        let span = Double(times.span)
        return Dictionary(uniqueKeysWithValues: ExposureCause.allCases.map { ($0.name, exposed[$0.rawValue] / span) })
    }
}
