extension Timeline {
    /// The timeline as Chrome-trace JSON, which Perfetto and `chrome://tracing` open: a process a rank, a thread a lane.
    ///
    /// Times are microseconds with three decimals, so that no nanosecond is lost. Spans of one lane that overlap
    /// without nesting go to rows of their own, since viewers drop them otherwise. O(n log n).
    public func perfettoJSON() -> String {
        var events: [String] = []
        events.reserveCapacity(spans.count + 3 * lanes.count)
        let names = labels.map { $0.name.jsonQuoted }
        let arguments = labels.map(\.perfettoArguments)
        for rank in ranks {
            events.append(metadata("process_name", rank: rank, thread: nil, name: "rank \(rank)"))
        }
        var nextThread: [Int: Int] = [:]
        for (lane, placed) in placedSpans().enumerated() {
            let rank = lanes[lane].rank
            for (row, spans) in placed.enumerated() {
                let thread = nextThread[rank, default: 0]
                nextThread[rank] = thread + 1
                let name = row == 0 ? lanes[lane].name : "\(lanes[lane].name) (\(row + 1))"
                events.append(metadata("thread_name", rank: rank, thread: thread, name: name))
                for span in spans {
                    let label = Int(span.label)
                    events.append(
                        #"{"ph":"X","pid":\#(rank),"tid":\#(thread),"ts":\#(microseconds(span.start)),"#
                            + #""dur":\#(microseconds(span.duration)),"name":\#(names[label]),"#
                            + #""cat":"\#(labels[label].activity.name)"\#(arguments[label])}"#)
                }
            }
        }
        return #"{"displayTimeUnit":"ns","traceEvents":["# + "\n" + events.joined(separator: ",\n") + "\n]}\n"
    }

    /// For each lane, its spans in rows in which any two are disjoint or nested.
    private func placedSpans() -> [[[TimeSpan]]] {
        var spansOfLane = [[TimeSpan]](repeating: [], count: lanes.count)
        for span in spans { spansOfLane[Int(span.lane)].append(span) }
        return spansOfLane.map { spans in
            var rows: [(spans: [TimeSpan], open: [Int64])] = [([], [])]
            for span in spans.sorted(by: { ($0.start, -$0.duration) < ($1.start, -$1.duration) }) {
                let row =
                    rows.indices.first { index in
                        while let end = rows[index].open.last, end <= span.start { rows[index].open.removeLast() }
                        // A twin of the same extent would hide the one below it: it gets a row of its own.
                        let isTwin = rows[index].spans.last.map { $0.interval == span.interval } ?? false
                        return !isTwin && rows[index].open.allSatisfy { span.end <= $0 }
                    } ?? rows.endIndex
                if row == rows.endIndex { rows.append(([], [])) }
                rows[row].spans.append(span)
                rows[row].open.append(span.end)
            }
            return rows.map(\.spans)
        }
    }

    private func metadata(_ kind: String, rank: Int, thread: Int?, name: String) -> String {
        let place = thread.map { #","tid":\#($0)"# } ?? ""
        return #"{"ph":"M","pid":\#(rank)\#(place),"name":"\#(kind)","args":{"name":\#(name.jsonQuoted)}}"#
    }
}

extension TimelineLabel {
    fileprivate var perfettoArguments: String {
        let parts = [("stage", stage), ("microbatch", microbatch)].compactMap { name, value in
            value.map { #""\#(name)":\#($0)"# }
        }
        return parts.isEmpty ? "" : #","args":{\#(parts.joined(separator: ","))}"#
    }
}

/// Nanoseconds as microseconds, exactly.
private func microseconds(_ nanoseconds: Int64) -> String {
    let magnitude = nanoseconds.magnitude
    let fraction = String(magnitude % 1000)
    let padding = String(repeating: "0", count: 3 - fraction.count)
    return "\(nanoseconds < 0 ? "-" : "")\(magnitude / 1000).\(padding)\(fraction)"
}
