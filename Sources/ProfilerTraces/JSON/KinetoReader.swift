internal import CByteMasks
import Timelines

/// Reads Chrome-trace JSON as Kineto writes it, in one pass over a buffer that fits into a core's cache.
///
/// An event is parsed until all needed fields are known, or until it is known to be irrelevant. Its end is then found
/// by brackets and quotes alone, so the rest of the event is not validated. An event that cannot be parsed, as after a
/// quote that is not escaped, is counted, and reading continues at the next event. If there is none, the error has the
/// position.
///
/// The buffer is raw memory followed by readable zeros, since C functions read 16 and 64 bytes at once.
struct KinetoReader: ~Copyable {
    let input: ByteInput
    private let limits: TraceReadLimits
    private(set) var buffer: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// The bytes that were read but not parsed yet, as offsets into the buffer.
    var start = 0
    private(set) var end = 0
    /// The number of bytes of JSON before the buffer.
    private var passed: Int64 = 0
    private(set) var isAtEnd = false
    var isTruncated = false
    var collector: TraceCollector
    private let reader: EventReader
    /// The first keys of the document's object.
    private var keys: [String] = []
    /// The number of events that were read before the last loss.
    var eventsBeforeLoss = -1
    /// Whether the document has a list of events.
    private var hasEvents = false

    /// The length in bytes from which an event without an end is checked for the start of another.
    private static let longEvent = 1 << 16

    init(input: ByteInput, collector: consuming TraceCollector, limits: TraceReadLimits, bufferBytes: Int = 1 << 18) {
        self.input = input
        self.limits = limits
        reader = EventReader(readsAllEvents: collector.keepsRows)
        self.collector = collector
        capacity = bufferBytes
        buffer = .allocate(capacity: bufferBytes + JSONBytes.padding)
    }

    deinit {
        reader.fields.deallocate()
        buffer.deallocate()
    }

    /// Reads the whole file.
    ///
    /// - Throws: ``TraceReadError`` if the file cannot be read or is not a trace.
    consuming func read() throws(TraceReadError) -> TraceCollector {
        try document()
        // Reading to the end also makes the decoder verify its checksum.
        if !isTruncated, let next = try peek() {
            let isObject = next == UInt8(ascii: "{") || next == UInt8(ascii: "[")
            throw failure(
                "unexpected text after the end" + (isObject ? " (a second JSON text, as in JSON lines)" : ""), at: start
            )
        }
        if !isTruncated, !input.isTruncated, collector.file.eventCount == 0 { throw withoutEvents }
        collector.file.isTruncated = isTruncated || input.isTruncated
        collector.file.byteCount = passed + Int64(end)
        return collector
    }

    /// The error of a document that ends without an event.
    private var withoutEvents: TraceReadError {
        let guess = hasEvents ? nil : ForeignFile.description(keys: keys)
        return TraceReadError(
            path: input.path,
            reason: guess.map { "is not a trace: it looks like \($0)" }
                ?? "holds no events: give the trace that torch.profiler exports after work was profiled")
    }

    // MARK: The buffer

    /// Reads more bytes to the end of the buffer, which grows if it is full. Returns false at the end of the file.
    mutating func refill() throws(TraceReadError) -> Bool {
        if isAtEnd { return false }
        try collector.check(limits, path: input.path)
        if start > 0 {
            buffer.update(from: buffer + start, count: end - start)
            passed += Int64(start)
            end -= start
            start = 0
        }
        if end == capacity {
            guard capacity < limits.eventBytes else {
                throw failure("a value is longer than \(limits.eventBytes) bytes", at: 0)
            }
            let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2 + JSONBytes.padding)
            larger.update(from: buffer, count: end)
            buffer.deallocate()
            buffer = larger
            capacity *= 2
        }
        let got = try input.read(into: UnsafeMutableBufferPointer(start: buffer + end, count: capacity - end))
        end += got
        isAtEnd = got == 0
        (buffer + end).update(repeating: 0, count: JSONBytes.padding)
        return got > 0
    }

    func failure(_ reason: String, at offset: Int, remedy: String = "") -> TraceReadError {
        TraceReadError(
            path: input.path, reason: "\(reason), at byte \(passed + Int64(offset)) of the JSON text\(remedy)")
    }

    /// The next byte that is not white space, which is not consumed; nil at the end of the file.
    private mutating func peek() throws(TraceReadError) -> UInt8? {
        while true {
            while start < end, buffer[start] <= 0x20 { start += 1 }
            if start < end { return buffer[start] }
            guard try refill() else { return nil }
        }
    }

    // MARK: The document

    private mutating func document() throws(TraceReadError) {
        // A byte-order mark has three bytes; a file that ends within it has no value.
        if try peek() == 0xEF {
            while end - start < 3, try refill() {}
            start = min(start + 3, end)
        }
        switch try peek() {
        case nil where input.isTruncated: isTruncated = true
        case UInt8(ascii: "["):
            hasEvents = true
            try events(isWholeFile: true)
        case UInt8(ascii: "{"):
            start += 1
            try members()
        case nil: throw failure("expected an object or an array", at: start)
        default:
            throw TraceReadError(
                path: input.path,
                reason: "is not a trace: it looks like "
                    + ForeignFile.description(
                        path: "", firstBytes: UnsafeBufferPointer(start: buffer + start, count: min(end - start, 256))))
        }
    }

    private mutating func members() throws(TraceReadError) {
        while true {
            guard let byte = try peek() else { return isTruncated = true }
            if byte == UInt8(ascii: "}") {
                start += 1
                return
            }
            if byte == UInt8(ascii: ",") {
                start += 1
                continue
            }
            guard byte == UInt8(ascii: "\"") else {
                if try resume(after: "expected a key in quotes") { continue } else { return }
            }
            guard let key = try wholeValue() else { return isTruncated = true }
            guard let colon = try peek() else { return isTruncated = true }
            guard colon == UInt8(ascii: ":") else {
                if try resume(after: "expected a colon") { continue } else { return }
            }
            start += 1
            guard let first = try peek() else { return isTruncated = true }
            if keys.count < 64 { keys.append(String(key.dropFirst().dropLast().prefix(64))) }
            if key == "\"traceEvents\"", first == UInt8(ascii: "[") {
                hasEvents = true
                try events(isWholeFile: false)
                if isTruncated { return }
            } else if DocumentMembers.keeps(key) {
                guard let value = try wholeValue() else { return isTruncated = true }
                collector.members.add(key, value)
            } else {
                guard try skipValue(first) else { return isTruncated = true }
            }
        }
    }

    /// The text of the next value; nil if the file ends within it.
    private mutating func wholeValue() throws(TraceReadError) -> String? {
        while true {
            if let stop = JSONBytes.valueEnd(buffer + start, buffer + end) {
                let text = String(decoding: JSONBytes.bytes(buffer + start, stop), as: UTF8.self)
                start = stop - UnsafePointer(buffer)
                return text
            }
            if start < end, buffer[start] == UInt8(ascii: ",") { throw failure("expected a value", at: start) }
            guard try refill() else { return nil }
        }
    }

    /// Skips the next value, of any length. Returns false if the file ends within it.
    private mutating func skipValue(_ first: UInt8) throws(TraceReadError) -> Bool {
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return try wholeValue() != nil }
        var skipper = NestingSkipper()
        start += 1
        while true {
            if let stop = skipper.skip(from: buffer + start, to: buffer + end) {
                start = stop - UnsafePointer(buffer)
                return true
            }
            start = end
            guard try refill() else { return false }
        }
    }

    // MARK: Events

    private mutating func events(isWholeFile: Bool) throws(TraceReadError) {
        start += 1
        while true {
            while start < end, buffer[start] <= 0x20 || buffer[start] == UInt8(ascii: ",") { start += 1 }
            if start == end {
                if try refill() { continue }
                // The format allows a file that is one array to lack its closing bracket.
                isTruncated = !isWholeFile
                return
            }
            if buffer[start] == UInt8(ascii: "]") {
                start += 1
                return
            }
            guard buffer[start] == UInt8(ascii: "{") else {
                if let next = endOfElement { lose(upTo: next) } else { try recover(from: "an event is not an object") }
                continue
            }
            if let stop = event(buffer + start, buffer + end) {
                start = stop - UnsafePointer(buffer)
                continue
            }
            var skipper = NestingSkipper()
            let stop = skipper.skip(from: buffer + start + 1, to: buffer + end)
            if stop != nil || skipper.isBroken {
                try recover(from: "an event is malformed")
            } else if end - start > Self.longEvent || isAtEnd, let next = nextEvent {
                // Brackets in a string with quotes that are not escaped.
                lose(upTo: next)
            } else if try !refill() {
                if nextEvent == nil { return isTruncated = true }
            }
        }
    }

    /// Reads the event that begins at `first` and returns the position after it. Returns nil, and keeps nothing of the
    /// event, if the event is incomplete or malformed.
    @inline(__always)
    private mutating func event(_ first: BytePointer, _ end: BytePointer) -> BytePointer? {
        if !reader.readsAllEvents, let position = positionInDropped(first, end) {
            guard let after = endOfEvent(from: position, end) else { return nil }
            collector.file.eventCount += 1
            return after
        }
        let fields = reader.fields
        fields.initialize(to: EventFields())
        var position = first + 1
        while true {
            position = JSONBytes.skipSpace(position, end)
            let byte = position.pointee
            if byte == UInt8(ascii: ",") {
                position += 1
                continue
            }
            if byte == UInt8(ascii: "}"), position < end {
                collector.add(fields, end)
                return position + 1
            }
            guard byte == UInt8(ascii: "\"") else { return nil }
            let key = EventKey(at: position)
            if key == .other {
                guard let close = JSONBytes.stringEnd(position + 1, end) else { return nil }
                position = close + 1
            } else {
                position += key.length
            }
            position = JSONBytes.skipSpace(position, end)
            guard position.pointee == UInt8(ascii: ":") else { return nil }
            position = JSONBytes.skipSpace(position + 1, end)
            if position >= end { return nil }
            guard let stop = reader.value(of: key, at: position, end) else { return nil }
            position = stop
            // The rest of the loop is not a function of its own, since that made the whole analysis 5 % slower.
            let phase = fields.pointee.phase
            if phase == 0 || reader.readsAllEvents { continue }
            let isRange = phase == UInt8(ascii: "X")
            let category = fields.pointee.category
            let isDropped =
                if !isRange {
                    Self.isDropped(phase)
                } else {
                    switch key {
                    case .phase, .category: category == .other
                    case .name where category == .runtime: !collector.host.startsWork(fields.pointee.name)
                    case .name where category == .operation: !fields.pointee.name.isEqual(to: "record_param_comms")
                    default: false
                    }
                }
            let isComplete = isRange && fields.pointee.arguments != nil && fields.pointee.isCompleteButForArguments
            guard isDropped || isComplete else { continue }
            guard let after = endOfEvent(from: position, end) else { return nil }
            if isDropped { collector.file.eventCount += 1 } else { collector.add(fields, end) }
            return after
        }
    }

    /// Whether events of a phase other than `X` are dropped.
    @inline(__always) private static func isDropped(_ phase: UInt8) -> Bool {
        phase != UInt8(ascii: "B") && phase != UInt8(ascii: "E") && phase != UInt8(ascii: "M")
    }

    /// A position between two members of an event whose first members, as Kineto writes them, tell that it is dropped:
    /// the arrows between launches and kernels, and nearly all operators of PyTorch. Nil for any other event.
    @inline(__always) private func positionInDropped(_ first: BytePointer, _ end: BytePointer) -> BytePointer? {
        let key = JSONBytes.skipSpace(first + 1, end)
        guard EventKey(at: key) == .phase, key[4] == UInt8(ascii: ":") else { return nil }
        let value = key + (key[5] == UInt8(ascii: " ") ? 6 : 5)
        guard value[0] == UInt8(ascii: "\""), value[2] == UInt8(ascii: "\""), value[1] != UInt8(ascii: "\\") else {
            return nil
        }
        let after = value + 3
        guard value[1] == UInt8(ascii: "X") else { return Self.isDropped(value[1]) ? after : nil }
        let operation: StaticString = ", \"cat\": \"cpu_op\", \"name\": \""
        let length = operation.utf8CodeUnitCount
        let isOperation = bytes_are_equal(after, operation.utf8Start, length) != 0
        return isOperation && after[length] != UInt8(ascii: "r") ? after : nil
    }

    /// The position after an event, from a position between two of its members on; nil if it is incomplete or malformed.
    @inline(__always) private func endOfEvent(from position: BytePointer, _ end: BytePointer) -> BytePointer? {
        var skipper = NestingSkipper()
        guard let after = skipper.skip(from: position, to: end), after[-1] == UInt8(ascii: "}") else { return nil }
        return after
    }
}
