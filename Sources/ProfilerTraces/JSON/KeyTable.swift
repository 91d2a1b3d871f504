/// A table that numbers keys, such as threads, in the order in which they are first looked up.
struct KeyTable<Key: Hashable> {
    private(set) var keys: [Key] = []
    private var indices: [Key: Int] = [:]
    private var last = 0

    /// The index of a key, which is most often that of the previous event. A linear search through up to eight keys is
    /// faster than a hash table.
    @inline(__always) mutating func index(of key: Key) -> Int32 {
        if last < keys.count, keys[last] == key { return Int32(last) }
        last = (keys.count <= 8 ? keys.firstIndex(of: key) : indices[key]) ?? add(key)
        return Int32(last)
    }

    private mutating func add(_ key: Key) -> Int {
        indices[key] = keys.count
        keys.append(key)
        return keys.count - 1
    }
}
