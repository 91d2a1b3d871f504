import Timelines

/// Reads Chrome-trace JSON as Kineto writes it, in one pass over a buffer that holds a megabyte.
///
/// An event is looked at only as far as it takes to know that it does not matter: its end is then found by structure
/// alone. Nothing is validated beyond that; what cannot be understood is an error with its place.
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
    private var isCut = false
    private var collector: TraceCollector
    /// Whether every event is looked at to its end, as an exact copy of another tool's filters needs.
    private let looksAtAll: Bool

    init(input: ByteInput, collector: consuming TraceCollector, limits: TraceReadLimits, bufferBytes: Int = 1 << 20) {
        self.input = input
        self.limits = limits
        looksAtAll = collector.keepsRows
        self.collector = collector
        capacity = bufferBytes
        buffer = .allocate(capacity: bufferBytes + JSONBytes.padding)
    }

    deinit {
        buffer.deallocate()
    }

    /// Reads the whole file.
    consuming func read() throws(TraceReadError) -> TraceCollector {
        try document()
        // Brings the packing's own end with it, and with that its checksum.
        if !isCut, try peek() != nil { throw failure("something follows the end", at: start) }
        collector.trace.isCut = isCut || input.isCut
        collector.trace.byteCount = passed + Int64(end)
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
                throw failure("an event is longer than \(limits.eventBytes) bytes", at: 0)
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
        case nil where input.isCut:
            isCut = true
        case UInt8(ascii: "["):
            try events(isWholeFile: true)
        case UInt8(ascii: "{"):
            start += 1
            try members()
        default:
            throw failure("neither an object nor an array begins", at: start)
        }
    }

    private mutating func members() throws(TraceReadError) {
        while true {
            guard let byte = try peek() else { return isCut = true }
            if byte == UInt8(ascii: "}") {
                start += 1
                return
            }
            if byte == UInt8(ascii: ",") {
                start += 1
                continue
            }
            guard byte == UInt8(ascii: "\"") else { throw failure("a key in quotes is missing", at: start) }
            guard let key = try wholeValue() else { return isCut = true }
            guard let colon = try peek() else { return isCut = true }
            guard colon == UInt8(ascii: ":") else { throw failure("a colon is missing", at: start) }
            start += 1
            guard let first = try peek() else { return isCut = true }
            if key == "\"traceEvents\"", first == UInt8(ascii: "[") {
                try events(isWholeFile: false)
                if isCut { return }
            } else if TraceCollector.wantsMember(key) {
                guard let value = try wholeValue() else { return isCut = true }
                collector.addMember(key, value)
            } else {
                guard try skipValue(first) else { return isCut = true }
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
            let isScalarAtFault = end - start > 0 && buffer[start] == UInt8(ascii: ",")
            if isScalarAtFault { throw failure("a value is missing", at: start) }
            guard try refill() else { return nil }
        }
    }

    /// Steps over the next value, however long it is; false where the file ends in it.
    private mutating func skipValue(_ first: UInt8) throws(TraceReadError) -> Bool {
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
            return try wholeValue() != nil
        }
        var skipper = NestingSkipper(depth: 1)
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
                isCut = !isWholeFile
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
            var skipper = NestingSkipper(depth: 1)
            if skipper.skip(from: buffer + start + 1, to: buffer + end) != nil {
                throw failure("an event cannot be understood", at: start)
            }
            guard try refill() else { return isCut = true }
        }
    }

    /// Reads the event that begins at `first` and returns the place behind it; nil where it is not whole or wrong, in
    /// which case nothing was kept of it.
    @inline(__always)
    private mutating func event(_ first: JSONPlace, _ end: JSONPlace) -> JSONPlace? {
        var fields = EventFields()
        var place = first + 1
        while true {
            place = JSONBytes.skipSpace(place, end)
            let byte = place.pointee
            if byte == UInt8(ascii: ",") {
                place += 1
                continue
            }
            if byte == UInt8(ascii: "}"), place < end {
                collector.add(fields, end)
                return place + 1
            }
            guard byte == UInt8(ascii: "\"") else { return nil }
            let key = EventKey(at: place)
            if key == .other {
                guard let close = JSONBytes.stringEnd(place + 1, end) else { return nil }
                place = close + 1
            } else {
                place += key.length
            }
            place = JSONBytes.skipSpace(place, end)
            guard place.pointee == UInt8(ascii: ":") else { return nil }
            place = JSONBytes.skipSpace(place + 1, end)
            if place >= end { return nil }
            guard let stop = value(of: key, at: place, end, &fields) else { return nil }
            place = stop
            if fields.phase != 0, !looksAtAll {
                let isRange = fields.phase == UInt8(ascii: "X")
                let isHalf = fields.phase == UInt8(ascii: "B") || fields.phase == UInt8(ascii: "E")
                let isIdleCall =
                    key == .name && isRange && fields.category == .runtime && !collector.startsWork(fields.name)
                if isIdleCall || !isHalf && (!isRange || fields.hasCategory && fields.category == .other) {
                    var skipper = NestingSkipper(depth: 1)
                    guard let after = skipper.skip(from: place, to: end) else { return nil }
                    collector.trace.eventCount += 1
                    return after
                }
                if isRange, fields.arguments != nil, fields.isCompleteButForArguments {
                    var skipper = NestingSkipper(depth: 1)
                    guard let after = skipper.skip(from: place, to: end) else { return nil }
                    collector.add(fields, end)
                    return after
                }
            }
        }
    }

    /// Reads the value of one key of an event and returns the place behind it.
    @inline(__always)
    private func value(
        of key: EventKey, at place: JSONPlace, _ end: JSONPlace, _ fields: inout EventFields
    ) -> JSONPlace? {
        let isString = place.pointee == UInt8(ascii: "\"")
        switch key {
        case .phase where isString:
            guard let close = JSONBytes.stringEnd(place + 1, end) else { return nil }
            fields.phase = close == place + 1 ? UInt8(ascii: "?") : place[1]
            return close + 1
        case .time:
            var isFractional = false
            let stop = time(place, end, &fields.time, &isFractional)
            fields.timeIsFractional = isFractional
            return stop
        case .duration:
            var isFractional = false
            return time(place, end, &fields.duration, &isFractional)
        case .category where isString:
            guard let close = JSONBytes.stringEnd(place + 1, end) else { return nil }
            fields.categoryName = JSONBytes.bytes(place + 1, close)
            fields.category = EventCategory(fields.categoryName)
            fields.hasCategory = true
            return close + 1
        case .process: return identity(place, end, &fields.process)
        case .thread: return identity(place, end, &fields.thread)
        case .name where isString:
            guard let close = JSONBytes.stringEnd(place + 1, end) else { return nil }
            fields.name = JSONBytes.bytes(place + 1, close)
            fields.hasName = true
            return close + 1
        case .arguments where place.pointee == UInt8(ascii: "{"):
            fields.arguments = place
            return arguments(place, end, &fields)
        default: return JSONBytes.valueEnd(place, end)
        }
    }

    /// Reads what matters of an event's arguments and returns the place behind them.
    @inline(__always)
    private func arguments(_ first: JSONPlace, _ end: JSONPlace, _ fields: inout EventFields) -> JSONPlace? {
        var missing = looksAtAll || !fields.hasCategory ? Int.max : fields.category.isDevice ? 3 : 1
        if fields.category == .annotation && !looksAtAll { missing = 0 }
        var place = first + 1
        while missing > 0 {
            place = JSONBytes.skipSpace(place, end)
            let byte = place.pointee
            if byte == UInt8(ascii: ",") {
                place += 1
                continue
            }
            if byte == UInt8(ascii: "}"), place < end { return place + 1 }
            guard byte == UInt8(ascii: "\""), let close = JSONBytes.stringEnd(place + 1, end) else { return nil }
            let key = ArgumentKey(at: place, length: close - place - 1)
            place = JSONBytes.skipSpace(close + 1, end)
            guard place.pointee == UInt8(ascii: ":") else { return nil }
            place = JSONBytes.skipSpace(place + 1, end)
            if place >= end { return nil }
            guard key != .other else {
                guard let stop = JSONBytes.valueEnd(place, end) else { return nil }
                place = stop
                continue
            }
            var number: Int64?
            guard let stop = whole(place, end, &number) else { return nil }
            place = stop
            missing -= 1
            switch key {
            case .stream: fields.stream = number
            case .device: fields.device = number
            case .correlation: fields.correlation = number
            case .other: break
            }
        }
        var skipper = NestingSkipper(depth: 1)
        return skipper.skip(from: place, to: end)
    }

    /// Reads a time and returns the place behind it.
    @inline(__always)
    private func time(
        _ first: JSONPlace, _ end: JSONPlace, _ time: inout Int64?, _ isFractional: inout Bool
    ) -> JSONPlace? {
        var place = first
        var value: Int64 = 0
        while place - first < 16, place.pointee &- 48 < 10 {
            value = value &* 10 &+ Int64(place.pointee &- 48)
            place += 1
        }
        if place > first, place < end, value < 9_000_000_000_000_000,
            place.pointee == UInt8(ascii: ",") || place.pointee == UInt8(ascii: "}")
        {
            time = value * 1000
            return place
        }
        guard let stop = JSONBytes.valueEnd(first, end) else { return nil }
        let text = JSONBytes.bytes(first, stop)
        time = nanoseconds(ofMicroseconds: text)
        isFractional = text.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e") }
        return stop
    }

    /// Reads a whole number and returns the place behind it; any other value gives nil for the number.
    @inline(__always)
    private func whole(_ first: JSONPlace, _ end: JSONPlace, _ number: inout Int64?) -> JSONPlace? {
        var place = first
        var value: Int64 = 0
        while place - first < 16, place.pointee &- 48 < 10 {
            value = value &* 10 &+ Int64(place.pointee &- 48)
            place += 1
        }
        if place > first, place < end, place.pointee == UInt8(ascii: ",") || place.pointee == UInt8(ascii: "}") {
            number = value
            return place
        }
        guard let stop = JSONBytes.valueEnd(first, end) else { return nil }
        number = integer(JSONBytes.bytes(first, stop))
        return stop
    }

    /// Reads a process or thread, a number or a text, as one number.
    @inline(__always)
    private func identity(_ first: JSONPlace, _ end: JSONPlace, _ identity: inout Int64) -> JSONPlace? {
        var number: Int64?
        guard let stop = whole(first, end, &number) else { return nil }
        if let number {
            identity = number
        } else {
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for byte in JSONBytes.bytes(first, stop) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            identity = Int64(bitPattern: hash | 1 << 63)
        }
        return stop
    }
}
