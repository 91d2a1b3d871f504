/// The members of a trace's top-level object other than its events.
struct DocumentMembers {
    private(set) var rank: Int?
    private(set) var worldSize: Int?
    /// The names of the devices, by number, or by position if the trace gives no numbers.
    private var devices: [Int64: String] = [:]
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

    /// The name of a device, else that of the first one; nil if the trace names no device.
    func device(_ number: Int64) -> String? { devices[number] ?? devices.min { $0.key < $1.key }?.value }

    /// Adds the names of the devices, which are the objects of an array.
    private mutating func addDevices(_ base: BytePointer, _ end: BytePointer) {
        var position = JSONBytes.skipSpace(base + 1, end)
        while position < end, position.pointee == UInt8(ascii: "{") {
            var number = Int64(devices.count)
            var name: String?
            _ = JSONBytes.forEachMember(position, end) { key, start, stop in
                if key.isEqual(to: "id") { number = JSONBytes.integer(JSONBytes.bytes(start, stop)) ?? number }
                if key.isEqual(to: "name") { name = JSONBytes.text(start, stop) }
            }
            if let name { devices[number] = name }
            guard let stop = JSONBytes.valueEnd(position, end) else { return }
            position = JSONBytes.skipSpace(stop, end)
            if position.pointee == UInt8(ascii: ",") { position = JSONBytes.skipSpace(position + 1, end) }
        }
    }
}
