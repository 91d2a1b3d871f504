/// A thread of a process, or a stream of a device.
struct ThreadKey: Hashable {
    var process: Int64
    var thread: Int64
}

extension ThreadKey {
    /// The thread of an event.
    @inline(__always) init(_ fields: borrowing EventFields) {
        self.init(process: fields.process, thread: fields.thread)
    }
}

/// A table that numbers threads in the order in which they are first looked up.
struct ThreadTable {
    private(set) var keys: [ThreadKey] = []
    private var indices: [ThreadKey: Int] = [:]
    private var last = 0

    /// The index of a thread, which is most often that of the previous event. A linear search through up to eight
    /// threads is faster than a hash table.
    @inline(__always) mutating func index(of key: ThreadKey) -> Int32 {
        if last < keys.count, keys[last] == key { return Int32(last) }
        last = (keys.count <= 8 ? keys.firstIndex(of: key) : indices[key]) ?? add(key)
        return Int32(last)
    }

    private mutating func add(_ key: ThreadKey) -> Int {
        indices[key] = keys.count
        keys.append(key)
        return keys.count - 1
    }
}
