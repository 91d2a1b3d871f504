/// Reading on after text that cannot be parsed, such as a name in which a quote is not escaped.
extension KinetoReader {
    /// Moves past an event that cannot be read: to the next event or, if there is none, to the end of the array.
    ///
    /// - Throws: ``TraceReadError`` with `reason` if the file has no other event.
    mutating func recover(from reason: String) throws(TraceReadError) {
        let isTable = buffer[start] == UInt8(ascii: "[") || buffer[start] &- 48 < 10
        let failure = failure(
            reason, at: start,
            remedy: isTable
                ? ": it looks like a table of numbers, such as expert loads, which contraflow balance reads" : "")
        while true {
            if let next = nextEvent { return lose(upTo: next) }
            guard try refill() else { break }
        }
        guard collector.file.eventCount > 0 else { throw failure }
        guard let close = lastArrayEnd else {
            isTruncated = true
            return lose(upTo: end)
        }
        lose(upTo: close)
    }

    /// Moves past a member of the document that cannot be read: to the events if they are still to come, else to the
    /// end of the file. Returns whether the events are still to come.
    ///
    /// - Throws: ``TraceReadError`` with `reason` if the file has no event.
    mutating func resume(after reason: String) throws(TraceReadError) -> Bool {
        let failure = failure(reason, at: start)
        let hasEvents = collector.file.eventCount > 0
        let key = Array("\"traceEvents\"".utf8)
        while true {
            let rest = UnsafeBufferPointer(start: buffer + start, count: end - start)
            if !hasEvents, let found = rest.firstRange(of: key) {
                lose(upTo: start + found.lowerBound)
                return true
            }
            // The key may lie across the end of the buffer.
            if hasEvents { start = end } else { start = max(start, end - key.count) }
            guard try refill() else { break }
        }
        guard hasEvents else { throw failure }
        lose(upTo: end)
        return false
    }

    /// Continues at `next` and counts what lies before it as one event that cannot be read. Text that begins like no
    /// event and directly follows a loss belongs to the event that was lost.
    mutating func lose(upTo next: Int) {
        let isRest = buffer[start] != UInt8(ascii: "{") && eventsBeforeLoss == collector.file.eventCount
        if !isRest { collector.file.unreadableEvents += 1 }
        eventsBeforeLoss = collector.file.eventCount
        start = next
    }

    /// The end of an element of the list of events that is not an object; nil if the file has no event yet, or if the
    /// element is not followed by another one.
    var endOfElement: Int? {
        guard collector.file.eventCount > 0, let stop = JSONBytes.valueEnd(buffer + start, buffer + end) else {
            return nil
        }
        let next = JSONBytes.skipSpace(stop, buffer + end).pointee
        return next == UInt8(ascii: ",") || next == UInt8(ascii: "]") ? stop - UnsafePointer(buffer) : nil
    }

    /// The offset of the first event after the current position; nil if the buffer has none.
    ///
    /// An event is an object after another one and a comma. It begins with a key of events and has a phase.
    var nextEvent: Int? {
        (start + 1..<max(start + 1, end)).first { offset in
            guard buffer[offset] == UInt8(ascii: "{"), isAfterObject(offset) else { return false }
            let first = JSONBytes.skipSpace(buffer + offset + 1, buffer + end)
            guard EventKey(at: first) != .other else { return false }
            var skipper = NestingSkipper()
            let stop = skipper.skip(from: buffer + offset + 1, to: buffer + end) ?? UnsafePointer(buffer + end)
            return JSONBytes.bytes(buffer + offset, stop).firstRange(of: "\"ph\"".utf8) != nil
        }
    }

    /// Whether the text before an offset is an object's end and a comma.
    private func isAfterObject(_ offset: Int) -> Bool {
        guard let comma = lastText(before: offset), buffer[comma] == UInt8(ascii: ","),
            let bracket = lastText(before: comma)
        else { return false }
        return buffer[bracket] == UInt8(ascii: "}")
    }

    /// The offset of the last closing square bracket that follows an object; nil if the buffer has none.
    private var lastArrayEnd: Int? {
        (start..<end).last { offset in
            buffer[offset] == UInt8(ascii: "]") && lastText(before: offset).map { buffer[$0] } == UInt8(ascii: "}")
        }
    }

    /// The offset of the last byte before another that is not white space.
    private func lastText(before offset: Int) -> Int? { (start..<offset).last { buffer[$0] > 0x20 } }
}
