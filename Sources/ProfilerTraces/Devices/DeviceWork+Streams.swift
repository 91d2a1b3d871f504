import Timelines

extension DeviceWork {
    /// The longest time, in nanoseconds, by which kernels of a stream overlap in sound traces: a dependent kernel may be
    /// started before its predecessor ends, and times are rounded.
    private static let soundOverlap: Int64 = 10_000
    /// The longest time, in nanoseconds, by which rounding lets a kernel end after the next one of its stream.
    private static let rounding: Int64 = 1000

    /// Ends each span at the start of the next one on its stream, since a stream runs one kernel after the other.
    ///
    /// The kernels of one launch of a graph run concurrently, so they are not clipped at each other. A note counts the
    /// clips, apart from the short overlaps that sound traces have. O(n), if few streams are out of order.
    ///
    /// - Parameter isGraph: Whether the launch of a span, by the span's index, is that of a graph.
    mutating func clipStreams(_ isGraph: (Int) -> Bool) {
        var durations: [(index: Int, duration: Int64)] = []
        var doubt = TraceNote(.clipped)
        for indices in overlappingStreams {
            // The spans since the last launch, which are more than one for a graph.
            var first = 0
            for position in indices.indices.dropFirst() {
                let next = timeline.spans[indices[position]]
                let number = correlations[indices[position]]
                if number == correlations[indices[first]], number != DeviceCollector.noCorrelation,
                    number != 0, isGraph(indices[position])
                {
                    continue
                }
                for index in indices[first..<position] {
                    let span = timeline.spans[index]
                    guard span.end > next.start else { continue }
                    durations.append((index, next.start - span.start))
                    if span.end - next.start > Self.soundOverlap || span.end - next.end > Self.rounding {
                        doubt.count += 1
                        doubt.time += span.end - next.start
                    }
                }
                first = position
            }
        }
        guard !durations.isEmpty else { return }
        var spans = timeline.spans
        for (index, duration) in durations { spans[index].duration = duration }
        timeline.replaceSpans(spans)
        if doubt.count > 0 { notes.append(doubt) }
    }

    /// The indices of the spans of each stream that has overlapping or unordered spans, by start and then by end.
    private var overlappingStreams: [[Int]] {
        let spans = timeline.spans
        var last = [Int](repeating: -1, count: timeline.lanes.count)
        var isWanted = [Bool](repeating: false, count: last.count)
        for (index, span) in spans.enumerated() {
            let lane = Int(span.lane)
            if last[lane] >= 0, spans[last[lane]].end > span.start { isWanted[lane] = true }
            last[lane] = index
        }
        guard isWanted.contains(true) else { return [] }
        var streams = [[Int]](repeating: [], count: last.count)
        for (index, span) in spans.enumerated() where isWanted[Int(span.lane)] { streams[Int(span.lane)].append(index) }
        return streams.filter { !$0.isEmpty }.map { indices in
            indices.sorted { (spans[$0].start, spans[$0].end, $0) < (spans[$1].start, spans[$1].end, $1) }
        }
    }
}
