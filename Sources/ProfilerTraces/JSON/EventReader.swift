/// Reads what one event says, key by key, into fields that stand outside.
///
/// Two words and no more: a method of the reader of the whole file would be handed a copy of all that it holds.
struct EventReader {
    /// What the event at hand says.
    let fields = UnsafeMutablePointer<EventFields>.allocate(capacity: 1)
    /// Whether every event is looked at to its end, as an exact copy of another tool's filters needs.
    let looksAtAll: Bool

    init(looksAtAll: Bool) {
        self.looksAtAll = looksAtAll
    }

    /// Reads the value of one key of an event and returns the place behind it.
    @inline(__always)
    func value(
        of key: EventKey, at place: JSONPlace, _ end: JSONPlace
    ) -> JSONPlace? {
        let isString = place.pointee == UInt8(ascii: "\"")
        switch key {
        case .phase where isString:
            if place[2] == UInt8(ascii: "\""), place[1] != UInt8(ascii: "\\"), place + 2 < end {
                fields.pointee.phase = place[1]
                return place + 3
            }
            guard let close = JSONBytes.stringEnd(place + 1, end) else { return nil }
            fields.pointee.phase = close == place + 1 ? UInt8(ascii: "?") : place[1]
            return close + 1
        case .time:
            var isFractional = false
            let stop = time(place, end, &fields.pointee.time, &isFractional)
            fields.pointee.timeIsFractional = isFractional
            return stop
        case .duration:
            var isFractional = false
            return time(place, end, &fields.pointee.duration, &isFractional)
        case .category where isString:
            guard let close = JSONBytes.stringEnd(place + 1, end) else { return nil }
            fields.pointee.categoryName = JSONBytes.bytes(place + 1, close)
            fields.pointee.category = EventCategory(fields.pointee.categoryName)
            fields.pointee.hasCategory = true
            return close + 1
        case .process: return identity(place, end, &fields.pointee.process)
        case .thread: return identity(place, end, &fields.pointee.thread)
        case .name where isString:
            guard let close = JSONBytes.stringEnd(place + 1, end) else { return nil }
            fields.pointee.name = JSONBytes.bytes(place + 1, close)
            fields.pointee.hasName = true
            return close + 1
        case .arguments where place.pointee == UInt8(ascii: "{"):
            fields.pointee.arguments = place
            return arguments(place, end)
        default: return JSONBytes.valueEnd(place, end)
        }
    }

    /// Reads what matters of an event's arguments and returns the place behind them.
    @inline(__always)
    private func arguments(_ first: JSONPlace, _ end: JSONPlace) -> JSONPlace? {
        var missing = looksAtAll || !fields.pointee.hasCategory ? Int.max : fields.pointee.category.isDevice ? 3 : 1
        if fields.pointee.category == .annotation && !looksAtAll { missing = 0 }
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
            case .stream: fields.pointee.stream = number
            case .device: fields.pointee.device = number
            case .correlation: fields.pointee.correlation = number
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
