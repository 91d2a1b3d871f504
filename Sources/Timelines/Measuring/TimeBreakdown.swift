/// How a device spent a stretch of time, measured by unions of intervals. All times are nanoseconds.
public struct TimeBreakdown: Hashable, Sendable {
    /// From the first start to the last end of what it counts.
    public var span: Int64 = 0
    /// Time in which anything runs.
    public var busy: Int64 = 0
    /// Time in which computation runs.
    public var compute: Int64 = 0
    /// Time in which communication runs, its waiting and setting up included.
    public var communication: Int64 = 0
    /// Time in which copies or fills run.
    public var memory: Int64 = 0
    /// Time in which computation and communication both run: hidden communication.
    public var overlap: Int64 = 0
    /// Time in which a communication kernel that only waits for other ranks runs.
    public var waiting: Int64 = 0

    /// A breakdown in which nothing happened.
    public init() {}

    /// Time in which nothing runs.
    public var idle: Int64 { span - busy }
    /// Communication that no computation hides.
    public var exposed: Int64 { communication - overlap }
    /// The hidden part of communication, 0 to 1; nil where there is none.
    public var hiddenShare: Double? { Self.hiddenShare(overlap, of: communication) }

    /// The share of communication that lasts `hidden` of `time` nanoseconds under computation; nil where there is none.
    package static func hiddenShare(_ hidden: Int64, of time: Int64) -> Double? {
        time == 0 ? nil : Double(hidden) / Double(time)
    }

    /// The sum of two, as over ranks.
    public static func + (left: TimeBreakdown, right: TimeBreakdown) -> TimeBreakdown {
        var sum = left
        for part in [\Self.span, \.busy, \.compute, \.communication, \.memory, \.overlap, \.waiting] {
            sum[keyPath: part] += right[keyPath: part]
        }
        return sum
    }
}
