import Timelines

/// Reads Chrome-trace JSON as Kineto writes it, in one pass over a buffer that stays in a core's cache.
///
/// An event is looked at only as far as it takes to know that it does not matter: its end is then found by structure
/// alone. Nothing is validated beyond that; what cannot be understood is an error with its position.
///
/// The buffer is raw memory with readable zeros behind it, since C functions look at 16 and 64 bytes at once.
struct KinetoReader: ~Copyable {
    private let input: ByteInput
    private let limits: TraceReadLimits
    private var buffer: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// What is read but not looked at yet, as offsets into the buffer.
    private var start = 0
    private var end = 0
    /// Bytes of JSON before the buffer.
    private var passed: Int64 = 0
    private var isAtEnd = false
    private var isTruncated = false
    private var collector: TraceCollector
    private let reader: EventReader

    init(input: ByteInput, collector: consuming TraceCollector, limits: TraceReadLimits, bufferBytes: Int = 1 << 18) {
        self.input = input
        self.limits = limits
        reader = EventReader(looksAtAll: collector.keepsRows)
        self.collector = collector
        capacity = bufferBytes
        buffer = .allocate(capacity: bufferBytes + JSONBytes.padding)
    }

    deinit {
        reader.fields.deallocate()
        buffer.deallocate()
    }

    /// Reads the whole file.
    consuming func read() throws(TraceReadError) -> TraceCollector {
        try document()
        // Brings the packing's own end with it, and with that its checksum.
        if !isTruncated, try peek() != nil { throw failure("something follows the end", at: start) }
        collector.file.isTruncated = isTruncated || input.isTruncated
        collector.file.byteCount = passed + Int64(end)
        return collector
    }

    // MARK: The buffer

    /// Brings more bytes behind those that are still to be looked at; false at the end of the file.
    private mutating func refill() throws(TraceReadError) -> Bool {
        if isAtEnd { return false }
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

    private func failure(_ reason: String, at offset: Int) -> TraceReadError {
        TraceReadError(path: input.path, reason: "\(reason), at byte \(passed + Int64(offset)) of its JSON")
    }

    /// The next byte that is no white space, which stays where it is; nil at the end of the file.
    private mutating func peek() throws(TraceReadError) -> UInt8? {
        while true {
            while start < end, buffer[start] <= 0x20 { start += 1 }
            if start < end { return buffer[start] }
            guard try refill() else { return nil }
        }
    }

    // MARK: The document

    private mutating func document() throws(TraceReadError) {
        if try peek() == 0xEF { start += 3 }
        switch try peek() {
        case nil where input.isTruncated: isTruncated = true
        case UInt8(ascii: "["): try events(isWholeFile: true)
        case UInt8(ascii: "{"):
            start += 1
            try members()
        default: throw failure("neither an object nor an array begins", at: start)
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
            guard byte == UInt8(ascii: "\"") else { throw failure("a key in quotes is missing", at: start) }
            guard let key = try wholeValue() else { return isTruncated = true }
            guard let colon = try peek() else { return isTruncated = true }
            guard colon == UInt8(ascii: ":") else { throw failure("a colon is missing", at: start) }
            start += 1
            guard let first = try peek() else { return isTruncated = true }
            if key == "\"traceEvents\"", first == UInt8(ascii: "[") {
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

    /// The next value as it stands; nil where the file ends in it.
    private mutating func wholeValue() throws(TraceReadError) -> String? {
        while true {
            if let stop = JSONBytes.valueEnd(buffer + start, buffer + end) {
                let text = String(decoding: JSONBytes.bytes(buffer + start, stop), as: UTF8.self)
                start = stop - UnsafePointer(buffer)
                return text
            }
            if start < end, buffer[start] == UInt8(ascii: ",") { throw failure("a value is missing", at: start) }
            guard try refill() else { return nil }
        }
    }

    /// Steps over the next value, however long it is; false where the file ends in it.
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
                // An array that is the whole file may lack its bracket: the format says so.
                isTruncated = !isWholeFile
                return
            }
            if buffer[start] == UInt8(ascii: "]") {
                start += 1
                return
            }
            guard buffer[start] == UInt8(ascii: "{") else { throw failure("an event is not an object", at: start) }
            if let stop = event(buffer + start, buffer + end) {
                start = stop - UnsafePointer(buffer)
                continue
            }
            var skipper = NestingSkipper()
            if skipper.skip(from: buffer + start + 1, to: buffer + end) != nil {
                throw failure("an event cannot be understood", at: start)
            }
            guard try refill() else { return isTruncated = true }
        }
    }

    /// Reads the event that begins at `first` and returns the position behind it; nil where it is not whole or wrong,
    /// in which case nothing was kept of it.
    @inline(__always)
    private mutating func event(_ first: BytePointer, _ end: BytePointer) -> BytePointer? {
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
            // A function of its own for what follows costs 5 % of the time of the whole analysis.
            let phase = fields.pointee.phase
            if phase == 0 || reader.looksAtAll { continue }
            let isRange = phase == UInt8(ascii: "X")
            let isDropped =
                isRange
                ? fields.pointee.hasCategory && fields.pointee.category == .other
                    || key == .name && fields.pointee.category == .runtime
                        && !collector.host.startsWork(fields.pointee.name)
                : phase != UInt8(ascii: "B") && phase != UInt8(ascii: "E") && phase != UInt8(ascii: "M")
            let isComplete = isRange && fields.pointee.arguments != nil && fields.pointee.isCompleteButForArguments
            guard isDropped || isComplete else { continue }
            var skipper = NestingSkipper()
            guard let after = skipper.skip(from: position, to: end) else { return nil }
            if isDropped { collector.file.eventCount += 1 } else { collector.add(fields, end) }
            return after
        }
    }
}
