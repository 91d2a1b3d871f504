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

    /// Finds the stream with more than half of the computation. Nil if there is none, or if it does not communicate.
    init?(_ trace: RankTrace, indices: [Int], window: Range<Int64>, streams: [CommunicationPart]) {
        guard !streams.isEmpty else { return nil }
        var computation = [Int64](repeating: 0, count: trace.timeline.lanes.count)
        for index in indices {
            let span = trace.timeline.spans[index]
            guard trace.kinds[Int(span.event)].activity == .compute else { continue }
            let interval = span.interval.clamped(to: window)
            computation[Int(span.lane)] += interval.upperBound - interval.lowerBound
        }
        let total = computation.reduce(0, +)
        guard let lane = computation.firstIndex(where: { 2 * $0 > total }),
            let part = streams.first(where: { $0.name == trace.timeline.lanes[lane].name }), part.exposed > 0
        else { return nil }
        stream = part.name
        computeShare = Double(computation[lane]) / Double(total)
        communicationShare = Double(part.time) / Double(max(1, streams.reduce(0) { $0 + $1.time }))
        exposed = part.exposed
    }
}
