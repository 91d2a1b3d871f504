/// Reads the values of one event, key by key, into fields in memory outside the reader.
///
/// The reader is two words, so that it is cheap to copy. As methods of ``KinetoReader``, these functions would be
/// passed a copy of its whole state.
struct EventReader {
    /// The fields of the event that is being read.
    let fields = UnsafeMutablePointer<EventFields>.allocate(capacity: 1)
    /// Whether every event is read to its end, which ``HolisticAnalysis`` needs to apply the original tool's filters.
    let readsAllEvents: Bool

    init(readsAllEvents: Bool) { self.readsAllEvents = readsAllEvents }

    /// Reads the value of one key of an event and returns the position after it; nil if the value is incomplete.
    @inline(__always) func value(of key: EventKey, at position: BytePointer, _ end: BytePointer) -> BytePointer? {
        let isString = position.pointee == UInt8(ascii: "\"")
        switch key {
        case .phase where isString:
            if position[2] == UInt8(ascii: "\""), position[1] != UInt8(ascii: "\\"), position + 2 < end {
                fields.pointee.phase = position[1]
                return position + 3
            }
            guard let close = JSONBytes.stringEnd(position + 1, end) else { return nil }
            fields.pointee.phase = close == position + 1 ? UInt8(ascii: "?") : position[1]
            return close + 1
        case .time: return time(position, end, &fields.pointee.time, &fields.pointee.timeIsFractional)
        case .duration:
            var isFractional = false
            return time(position, end, &fields.pointee.duration, &isFractional)
        case .category where isString:
            guard let close = JSONBytes.stringEnd(position + 1, end) else { return nil }
            fields.pointee.categoryName = JSONBytes.bytes(position + 1, close)
            fields.pointee.category = EventCategory(fields.pointee.categoryName)
            fields.pointee.hasCategory = true
            return close + 1
        case .process:
            let stop = identity(position, end, &fields.pointee.process)
            if fields.pointee.process < 0 { fields.pointee.processText = position }
            return stop
        case .thread: return identity(position, end, &fields.pointee.thread)
        case .name where isString:
            guard let close = JSONBytes.stringEnd(position + 1, end) else { return nil }
            fields.pointee.name = JSONBytes.bytes(position + 1, close)
            fields.pointee.hasName = true
            return close + 1
        case .arguments where position.pointee == UInt8(ascii: "{"):
            fields.pointee.arguments = position
            return arguments(position, end)
        default: return JSONBytes.valueEnd(position, end)
        }
    }

    /// Reads the stream, device and correlation of an event's arguments and returns the position after the arguments;
    /// nil if they are incomplete or malformed.
    @inline(__always) private func arguments(_ first: BytePointer, _ end: BytePointer) -> BytePointer? {
        var missing = readsAllEvents || !fields.pointee.hasCategory ? Int.max : fields.pointee.category.isDevice ? 3 : 1
        let isCall = fields.pointee.category == .annotation || fields.pointee.category == .operation
        if isCall && !readsAllEvents { missing = 0 }
        var position = first + 1
        while missing > 0 {
            position = JSONBytes.skipSpace(position, end)
            let byte = position.pointee
            if byte == UInt8(ascii: ",") {
                position += 1
                continue
            }
            if byte == UInt8(ascii: "}"), position < end { return position + 1 }
            guard byte == UInt8(ascii: "\""), let close = JSONBytes.stringEnd(position + 1, end) else { return nil }
            let key = ArgumentKey(at: position, length: close - position - 1)
            position = JSONBytes.skipSpace(close + 1, end)
            guard position.pointee == UInt8(ascii: ":") else { return nil }
            position = JSONBytes.skipSpace(position + 1, end)
            if position >= end { return nil }
            guard key != .other else {
                guard let stop = JSONBytes.valueEnd(position, end) else { return nil }
                position = stop
                continue
            }
            var number: Int64?
            guard let stop = whole(position, end, &number) else { return nil }
            position = stop
            missing -= 1
            switch key {
            case .stream: fields.pointee.stream = number
            case .device: fields.pointee.device = number
            case .correlation: fields.pointee.correlation = number
            case .other: break
            }
        }
        var skipper = NestingSkipper()
        guard let after = skipper.skip(from: position, to: end), after[-1] == UInt8(ascii: "}") else { return nil }
        return after
    }

    /// Reads a time and returns the position after it.
    @inline(__always)
    private func time(
        _ first: BytePointer, _ end: BytePointer, _ time: inout Int64?, _ isFractional: inout Bool
    ) -> BytePointer? {
        if let (value, stop) = digits(first, end), value < 9_000_000_000_000_000 {
            time = value * 1000
            isFractional = false
            return stop
        }
        guard let stop = JSONBytes.valueEnd(first, end) else { return nil }
        let text = JSONBytes.bytes(first, stop)
        time = JSONBytes.nanoseconds(ofMicroseconds: text)
        isFractional = text.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }
        return stop
    }

    /// Reads an integer and returns the position after it. The number is nil for any other value.
    @inline(__always)
    private func whole(_ first: BytePointer, _ end: BytePointer, _ number: inout Int64?) -> BytePointer? {
        if let (value, stop) = digits(first, end) {
            number = value
            return stop
        }
        guard let stop = JSONBytes.valueEnd(first, end) else { return nil }
        number = JSONBytes.integer(JSONBytes.bytes(first, stop))
        return stop
    }

    /// Reads up to 16 digits that are followed by a comma or a brace. Returns their value and the position after them;
    /// nil for any other text.
    @inline(__always) private func digits(_ first: BytePointer, _ end: BytePointer) -> (Int64, BytePointer)? {
        var position = first
        var value: Int64 = 0
        while position - first < 16, position.pointee &- 48 < 10 {
            value = value &* 10 &+ Int64(position.pointee &- 48)
            position += 1
        }
        guard position > first, position < end,
            position.pointee == UInt8(ascii: ",") || position.pointee == UInt8(ascii: "}")
        else { return nil }
        return (value, position)
    }

    /// Reads the identifier of a process or thread. A text is replaced by a negative hash of its bytes.
    @inline(__always)
    private func identity(_ first: BytePointer, _ end: BytePointer, _ identity: inout Int64) -> BytePointer? {
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
