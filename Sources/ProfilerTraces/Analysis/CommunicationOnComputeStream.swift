import Timelines

/// Communication on the stream that computes. A stream runs one kernel after the other, so that this communication
/// cannot be hidden.
public struct CommunicationOnComputeStream: Hashable, Sendable {
    /// The name of the stream.
    public let stream: String
    /// The share of the computation that runs on the stream, 0 to 1.
    public let computeShare: Double
    /// The share of the communication that runs on the stream, 0 to 1.
    public let communicationShare: Double
    /// The exposed communication on the stream, in nanoseconds.
    public let exposed: Int64

    /// Finds the stream with more than half of the computation. Nil if there is none, if it does not communicate, or if
    /// it runs computation and communication at the same time, as a stream may within one graph.
    init?(
        _ trace: RankTrace, indices: [Int], window: Range<Int64>, streams: [CommunicationPart], times: ClassTimes
    ) {
        guard !streams.isEmpty else { return nil }
        let spans = trace.timeline.spans
        var computation = [Int64](repeating: 0, count: trace.timeline.lanes.count)
        let activities = trace.kinds.map(\.activity)
        for index in indices where activities[Int(spans[index].event)] == .compute {
            let interval = spans[index].interval.clamped(to: window)
            computation[Int(spans[index].lane)] += interval.upperBound - interval.lowerBound
        }
        let total = computation.reduce(0, +)
        guard let lane = computation.firstIndex(where: { 2 * $0 > total }),
            let part = streams.first(where: { $0.name == trace.timeline.lanes[lane].name }), part.exposed > 0
        else { return nil }
        func onStream(_ isWanted: (ActivityClass) -> Bool) -> IntervalSet {
            IntervalSet(
                indices.filter { Int(spans[$0].lane) == lane && isWanted(activities[Int(spans[$0].event)]) }
                    .map { spans[$0].interval })
        }
        let communication = onStream { $0 == .communication || $0 == .transfer }
        guard communication.intersection(onStream { $0 == .compute }).isEmpty else { return nil }
        stream = part.name
        computeShare = Double(computation[lane]) / Double(total)
        communicationShare = Double(part.time) / Double(max(1, times.communication.length))
        exposed = part.exposed
    }
}
