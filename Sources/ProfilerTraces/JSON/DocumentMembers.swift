/// The members of a trace's document beside its events.
struct DocumentMembers {
    private(set) var rank: Int?
    private(set) var worldSize: Int?
    private(set) var device: String?
    /// Nanoseconds since 1970 that the trace's times count from.
    private(set) var baseTime: Int64 = 0

    /// Whether a key of the document, in quotes, is kept.
    static func keeps(_ key: String) -> Bool {
        ["\"distributedInfo\"", "\"baseTimeNanoseconds\"", "\"deviceProperties\""].contains(key)
    }

    /// Keeps a member.
    mutating func add(_ key: String, _ value: String) {
        var bytes = Array(value.utf8)
        let count = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: JSONBytes.padding))
        bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            let end = base + count
            switch key {
            case "\"baseTimeNanoseconds\"": baseTime = integer(JSONBytes.bytes(base, end)) ?? 0
            case "\"distributedInfo\"": addDistributedInfo(base, end)
            default: addDevices(base, end)
            }
        }
    }

    private mutating func addDistributedInfo(_ base: BytePointer, _ end: BytePointer) {
        var rank: Int64?
        var worldSize: Int64?
        _ = JSONBytes.forEachMember(base, end) { key, start, stop in
            if key.isEqual(to: "rank") { rank = integer(JSONBytes.bytes(start, stop)) }
            if key.isEqual(to: "world_size") { worldSize = integer(JSONBytes.bytes(start, stop)) }
        }
        if let rank, rank >= 0, rank < 1 << 31 { self.rank = Int(rank) }
        self.worldSize = worldSize.map(Int.init)
    }

    /// Keeps the name of the first device.
    private mutating func addDevices(_ base: BytePointer, _ end: BytePointer) {
        let first = JSONBytes.skipSpace(base + 1, end)
        _ = JSONBytes.forEachMember(first, end) { key, start, stop in
            if key.isEqual(to: "name"), device == nil { device = JSONBytes.text(start, stop) }
        }
    }
}
