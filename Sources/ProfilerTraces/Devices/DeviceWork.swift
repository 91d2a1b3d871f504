import Timelines

/// The work of one device of a file: spans, with what the events of each span state.
struct DeviceWork {
    var key: DeviceKey
    var timeline: Timeline
    /// For each span, the correlation number that it shares with the call that launched it;
    /// ``DeviceCollector/noCorrelation`` if it has none.
    var correlations: [UInt32]
    /// For each span, the index of its collective; -1 if it has none.
    var collectiveOfSpan: [Int32]
    /// The doubts about the work.
    var notes: [TraceNote] = []

    /// Keeps the spans with the given indices only.
    mutating func keep(_ indices: [Int]) {
        let spans = timeline.spans
        timeline.replaceSpans(indices.map { spans[$0] })
        correlations = indices.map { correlations[$0] }
        collectiveOfSpan = indices.map { collectiveOfSpan[$0] }
    }

    /// Joins the lanes that have equal keys.
    mutating func joinLanes(_ keys: [[Int64]]) {
        let first = Dictionary(zip(keys, Int32(0)...), uniquingKeysWith: min)
        guard first.count < keys.count else { return }
        timeline.replaceSpans(
            timeline.spans.map { span in
                var span = span
                span.lane = first[keys[Int(span.lane)]] ?? span.lane
                return span
            })
    }

    /// Returns the work on the given lanes, with these lanes alone.
    func part(_ key: DeviceKey, lanes isOwn: [Bool]) -> DeviceWork {
        var part = self
        part.key = key
        part.keep(timeline.spans.indices.filter { isOwn[Int(timeline.spans[$0].lane)] })
        part.timeline.removeUnusedLanes()
        return part
    }
}
