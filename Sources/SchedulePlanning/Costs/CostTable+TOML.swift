extension CostTable {
    /// Returns the costs as a TOML file with a comment on each key. A key without a value is commented out.
    ///
    /// - Throws: ``CostTableError`` if the costs contradict each other.
    public func toml() throws(CostTableError) -> String {
        let costs = try costs()
        var given = values
        func fill(_ key: String, _ nanoseconds: [Int64]) {
            if given[key] == nil, nanoseconds.contains(where: { $0 > 0 }) {
                given[key] = nanoseconds.map { Double($0) / 1e6 }
            }
        }
        fill("forward", costs.stages.map(\.forward))
        fill("input-gradient", costs.stages.map(\.inputGradient))
        fill("weight-gradient", costs.stages.map(\.weightGradient))
        fill("forward-communication", costs.stages.map(\.forwardCommunication))
        fill("backward-communication", costs.stages.map(\.backwardCommunication))
        if given["pair"] == nil, given["overlap-slowdown"] == nil, given["overlap-saving"] == nil {
            given["overlap-saving"] = [costs.overlapSaving]
        }
        if given["transfer"] == nil, costs.links == nil { given["transfer"] = [Double(costs.transfer) / 1e6] }
        var text = "# Costs of a rank's share of the model per micro-batch. Lists run along the model, first to last.\n"
        var section: String?
        for key in CostKey.all {
            if key.section != section, let name = key.section {
                text += "\n\(given.keys.contains { $0.hasPrefix(name + ".") } ? "" : "# ")[\(name)]\n"
            }
            section = key.section
            let numbers = given[key.name]
            let value = numbers.map { $0.count == 1 ? "\($0[0])" : "[\($0.map { "\($0)" }.joined(separator: ", "))]" }
            let entry = value.map { "\(key.key) = \($0)" } ?? "# \(key.key) ="
            text += entry + String(repeating: " ", count: max(36 - entry.count, 1)) + "# \(key.unit): \(key.meaning)\n"
        }
        return text
    }
}
