/// The time of a device within one window, by class of work. Each class is measured as a union of intervals, in
/// nanoseconds.
public struct TimeBreakdown: Hashable, Sendable {
    /// Time from the first start to the last end of the counted work.
    public var span: Int64 = 0
    /// Time in which anything runs.
    public var busy: Int64 = 0
    /// Time in which computation runs.
    public var compute: Int64 = 0
    /// Time in which communication runs, including its waits and its set-up.
    public var communication: Int64 = 0
    /// Time in which copies or fills run.
    public var memory: Int64 = 0
    /// Time in which computation and communication both run: hidden communication.
    public var overlap: Int64 = 0
    /// Time in which a communication kernel only waits for other ranks, or for which a rank has recorded a wait.
    public var waiting: Int64 = 0

    /// Time in which work of an unknown class runs.
    public var unknown: Int64 = 0

    /// A breakdown of no time.
    public init() {}

    /// Time in which nothing runs.
    public var idle: Int64 { span - busy }
    /// Time of communication that no computation hides.
    public var exposed: Int64 { communication - overlap }
    /// The share of communication that computation hides, 0 to 1; nil if there is no communication.
    public var hiddenShare: Double? { Self.hiddenShare(overlap, of: communication) }

    /// Returns the share of communication that computation hides, for `hidden` of `time` nanoseconds; nil if `time` is
    /// 0.
    package static func hiddenShare(_ hidden: Int64, of time: Int64) -> Double? {
        time == 0 ? nil : Double(hidden) / Double(time)
    }

    /// The sum of two breakdowns, as over ranks.
    public static func + (left: TimeBreakdown, right: TimeBreakdown) -> TimeBreakdown {
        var sum = left
        for part in [\Self.span, \.busy, \.compute, \.communication, \.memory, \.overlap, \.waiting, \.unknown] {
            sum[keyPath: part] += right[keyPath: part]
        }
        return sum
    }
}
