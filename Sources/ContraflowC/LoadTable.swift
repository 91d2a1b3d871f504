import ExpertBalancing

/// Reads loads from a C caller.
enum LoadTable {
    /// Returns a table of `layers × experts` loads.
    static func read(_ loads: UnsafePointer<Double>, _ layers: Int64, _ experts: Int64) throws -> ExpertLoads {
        guard layers > 0, experts > 0, layers <= 1 << 20, experts <= 1 << 20 else {
            throw CallError("layers is \(layers) and experts is \(experts): give 1 to 1048576 of each")
        }
        let values = Array(UnsafeBufferPointer(start: loads, count: Int(layers * experts)))
        return try ExpertLoads(values, expertCount: Int(experts))
    }
}
