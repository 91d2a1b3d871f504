/// A table of one to three dimensions as files hold it: flat, with the last dimension innermost.
struct NumberTable {
    var shape: [Int]
    var values: [Double]

    /// Returns the table as windows of `layers × experts`. One dimension makes one layer, two dimensions make one
    /// window.
    func stream() throws -> LoadStream {
        guard let experts = shape.last, experts > 0, shape.allSatisfy({ $0 > 0 }) else {
            throw ExpertLoadsError(reason: .empty)
        }
        let layers = shape.count > 1 ? shape[shape.count - 2] : 1
        try TableLimits.check(windows: values.count / (layers * experts), layers: layers, columns: experts)
        return try LoadStream(
            stride(from: 0, to: values.count, by: layers * experts).map { start in
                try ExpertLoads(Array(values[start..<start + layers * experts]), expertCount: experts)
            })
    }

    /// Returns the table as rows of whole numbers, one row per layer.
    func integerRows() throws -> [[Int32]] {
        guard shape.count <= 2, let width = shape.last, width > 0, !values.isEmpty else {
            throw FileFormatError(
                "a map of slots has two dimensions, layers and slots, but this one has shape \(shape)")
        }
        try TableLimits.check(layers: values.count / width, columns: width, "slot")
        let integers = try values.map { value in
            guard let integer = Int32(exactly: value) else {
                throw FileFormatError("\(value) is not an expert: give whole numbers, -1 for an empty slot")
            }
            return integer
        }
        return stride(from: 0, to: integers.count, by: width).map { Array(integers[$0..<$0 + width]) }
    }
}
