extension Timeline {
    /// Returns the timeline as Chrome-trace JSON for Perfetto and `chrome://tracing`, with one process per rank and one
    /// thread per lane.
    ///
    /// Times are microseconds with three decimals, so no nanosecond is lost. Spans of one lane that overlap without
    /// nesting go to threads of their own, because viewers drop them otherwise. The JSON has the events in the order of
    /// the spans, with their meaning in the arguments, so a reader can restore an equal timeline. O(n log n).
    public func chromeTraceJSON() -> String {
        #"{"displayTimeUnit":"ns","traceEvents":["# + "\n" + chromeTraceEvents().joined(separator: ",\n") + "\n]}\n"
    }

    /// Returns the events of ``chromeTraceJSON()``, each a JSON object.
    package func chromeTraceEvents() -> [String] {
        var lines: [String] = []
        lines.reserveCapacity(spans.count + 3 * lanes.count)
        for rank in ranks { lines.append(metadata("process_name", rank: rank, thread: nil, name: "rank \(rank)")) }
        let (rows, rowCounts) = rowsOfSpans()
        var nextThread: [Int: Int] = [:]
        var firstThreads: [Int] = []
        for (lane, count) in zip(lanes, rowCounts) {
            let first = nextThread[lane.rank, default: 0]
            firstThreads.append(first)
            nextThread[lane.rank] = first + count
            for row in 0..<count {
                let name = row == 0 ? lane.name : "\(lane.name) (\(row + 1))"
                lines.append(metadata("thread_name", rank: lane.rank, thread: first + row, name: name))
            }
        }
        let suffixes = events.map(Self.suffix)
        for (span, row) in zip(spans, rows) {
            let lane = Int(span.lane)
            let (start, duration) = (span.start.withDecimals(3), span.duration.withDecimals(3))
            lines.append(
                #"{"ph":"X","pid":\#(lanes[lane].rank),"tid":\#(firstThreads[lane] + row),"#
                    + #""ts":\#(start),"dur":\#(duration)\#(suffixes[Int(span.event)])"#)
        }
        return lines
    }

    /// Returns the end of an event's JSON: its name, category and arguments.
    private static func suffix(_ event: TimelineEvent) -> String {
        let members = event.chromeTraceArguments.map { #""\#($0.key)":\#($0.json)"# }
        let arguments = members.isEmpty ? "" : #","args":{\#(members.joined(separator: ","))}"#
        return #","name":\#(event.name.jsonQuoted),"cat":"\#(event.activity.name)"\#(arguments)}"#
    }

    /// Returns the row of each span within its lane, and the number of rows per lane. Any two spans of one row are
    /// disjoint or nested.
    private func rowsOfSpans() -> (rows: [Int], counts: [Int]) {
        var indicesOfLane = [[Int]](repeating: [], count: lanes.count)
        for (index, span) in spans.enumerated() { indicesOfLane[Int(span.lane)].append(index) }
        var rows = [Int](repeating: 0, count: spans.count)
        let counts = indicesOfLane.map { indices in
            var open: [(last: TimeSpan?, ends: [Int64])] = [(nil, [])]
            for index in indices.sorted(by: {
                (spans[$0].start, -spans[$0].duration) < (spans[$1].start, -spans[$1].duration)
            }) {
                let span = spans[index]
                let row =
                    open.indices.first { row in
                        while let end = open[row].ends.last, end <= span.start { open[row].ends.removeLast() }
                        // A span of the same extent would hide the one below it, so it gets a row of its own.
                        let isTwin = open[row].last?.interval == span.interval
                        return !isTwin && open[row].ends.allSatisfy { span.end <= $0 }
                    } ?? open.endIndex
                if row == open.endIndex { open.append((nil, [])) }
                open[row].last = span
                open[row].ends.append(span.end)
                rows[index] = row
            }
            return open.count
        }
        return (rows, counts)
    }

    private func metadata(_ kind: String, rank: Int, thread: Int?, name: String) -> String {
        let thread = thread.map { #","tid":\#($0)"# } ?? ""
        return #"{"ph":"M","pid":\#(rank)\#(thread),"name":"\#(kind)","args":{"name":\#(name.jsonQuoted)}}"#
    }
}
