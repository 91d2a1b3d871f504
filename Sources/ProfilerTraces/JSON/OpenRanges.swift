/// The begin events of each thread whose end events have not been read yet.
struct OpenRanges {
    /// A begin event. Its name is a copy, since pointers into the reader's buffer are valid only while the event is
    /// read.
    struct Range {
        var fields: EventFields
        var name: String
        var collective: Int32

        init(_ fields: EventFields, collective: Int32) {
            let isKept = fields.category != .other && (fields.category != .unknown || fields.stream != nil)
            name = isKept ? String(decoding: fields.name, as: UTF8.self) : ""
            self.fields = fields
            self.fields.name = UnsafeBufferPointer(start: nil, count: 0)
            self.fields.categoryName = self.fields.name
            self.fields.arguments = nil
            self.fields.processText = nil
            self.collective = collective
        }
    }

    private var rangesOfThread: [ThreadKey: [Range]] = [:]
    /// The size of the open ranges' names.
    private(set) var nameBytes = 0
    /// The largest number of open ranges per thread.
    private static let maximumDepth = 1 << 16

    /// The number of open ranges that are work of a device.
    var deviceCount: Int { rangesOfThread.values.reduce(0) { $0 + $1.count { $0.fields.category.isDevice } } }

    /// Adds a begin event and returns whether it was kept.
    mutating func open(_ fields: UnsafePointer<EventFields>, collective: Int32) -> Bool {
        let key = ThreadKey(fields.pointee)
        guard rangesOfThread[key, default: []].count < Self.maximumDepth else { return false }
        let range = Range(fields.pointee, collective: collective)
        nameBytes += range.name.utf8.count
        rangesOfThread[key, default: []].append(range)
        return true
    }

    /// Removes the innermost range of an end event's thread and returns it with its duration. Returns nil if no range
    /// is open, or if the range lacks a start, a name or a category that is kept.
    mutating func close(_ end: UnsafePointer<EventFields>) -> Range? {
        guard var range = rangesOfThread[ThreadKey(end.pointee)]?.popLast() else { return nil }
        nameBytes -= range.name.utf8.count
        guard range.fields.category != .other, let start = range.fields.time, let stop = end.pointee.time,
            !range.name.isEmpty
        else { return nil }
        let (duration, overflow) = stop.subtractingReportingOverflow(start)
        range.fields.duration = overflow ? nil : duration
        range.fields.phase = UInt8(ascii: "X")
        range.fields.stream = range.fields.stream ?? end.pointee.stream
        range.fields.correlation = range.fields.correlation ?? end.pointee.correlation
        return range
    }
}
