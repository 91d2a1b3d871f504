/// The members of a trace's top-level object other than its events.
struct DocumentMembers {
    private(set) var rank: Int?
    private(set) var worldSize: Int?
    private(set) var device: String?
    /// The origin of the trace's times, in nanoseconds since 1970.
    private(set) var baseTime: Int64 = 0

    /// Whether the member of a key is kept. The key includes its quotes.
    static func keeps(_ key: String) -> Bool {
        ["\"distributedInfo\"", "\"baseTimeNanoseconds\"", "\"deviceProperties\""].contains(key)
    }

    /// Adds one member. The key includes its quotes; the value is JSON text.
    mutating func add(_ key: String, _ value: String) {
        var bytes = Array(value.utf8)
        let count = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: JSONBytes.padding))
        bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            let end = base + count
            switch key {
            case "\"baseTimeNanoseconds\"": baseTime = JSONBytes.integer(JSONBytes.bytes(base, end)) ?? 0
            case "\"distributedInfo\"": addDistributedInfo(base, end)
            default: addDevices(base, end)
            }
        }
    }

    private mutating func addDistributedInfo(_ base: BytePointer, _ end: BytePointer) {
        var rank: Int64?
        var worldSize: Int64?
        _ = JSONBytes.forEachMember(base, end) { key, start, stop in
            if key.isEqual(to: "rank") { rank = JSONBytes.integer(JSONBytes.bytes(start, stop)) }
            if key.isEqual(to: "world_size") { worldSize = JSONBytes.integer(JSONBytes.bytes(start, stop)) }
        }
        if let rank, rank >= 0, rank < 1 << 31 { self.rank = Int(rank) }
        self.worldSize = worldSize.map(Int.init)
    }

    /// Adds the name of the first device.
    private mutating func addDevices(_ base: BytePointer, _ end: BytePointer) {
        let first = JSONBytes.skipSpace(base + 1, end)
        _ = JSONBytes.forEachMember(first, end) { key, start, stop in
            if key.isEqual(to: "name"), device == nil { device = JSONBytes.text(start, stop) }
        }
    }
}
