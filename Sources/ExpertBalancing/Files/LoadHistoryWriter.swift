/// The text of a file with the loads of a run, which grows with every step.
///
/// The file is one JSON object with SGLang's key `logical_count`, so that SGLang, ``LoadFile`` and every reader of JSON
/// read the file while it grows: each step replaces the end of the file. See ``LoadHistory`` for what it holds. The writer
/// makes the text; the caller writes it.
public struct LoadHistoryWriter: Sendable {
    /// Bytes to write into the file from an offset on. The file ends with the last of them.
    public struct Change: Hashable, Sendable {
        /// The position of the first byte in the file.
        public let offset: Int
        /// The bytes.
        public let bytes: [UInt8]
    }

    /// The number of layers of the model. Layers without routed experts have loads of 0, because SGLang expects them.
    public let layerCount: Int
    /// The number of experts per layer.
    public let expertCount: Int
    private var layout = LoadHistoryLayout()
    private var windowCount = 0
    /// The position of the end that the next step replaces.
    private var offset = 0

    /// Creates a writer of an empty file.
    public init(layerCount: Int, expertCount: Int) {
        self.layerCount = layerCount
        self.expertCount = expertCount
    }

    /// Returns the change of the file by a step of which only the sum is recorded.
    ///
    /// - Parameters:
    ///   - step: The number of the step.
    ///   - loads: The tokens of each expert, summed over micro-batches and ranks: `layers × experts`.
    /// - Throws: ``ExpertLoadsError`` if the number of loads is wrong.
    /// - Complexity: O(layers × experts).
    public mutating func append(step: Int, loads: [Int]) throws(ExpertLoadsError) -> Change {
        try append(step: step, microBatches: [[loads]])
    }

    /// Returns the change of the file by a step.
    ///
    /// - Parameters:
    ///   - step: The number of the step.
    ///   - microBatches: The tokens of each expert by micro-batch and source rank: `micro-batches × source ranks ×
    ///     (layers × experts)`. With one source rank, the sum over the ranks.
    /// - Throws: ``ExpertLoadsError`` if the number of loads is wrong.
    /// - Precondition: All micro-batches have the same source ranks.
    /// - Complexity: O(micro-batches × source ranks × layers × experts).
    public mutating func append(step: Int, microBatches: [[[Int]]]) throws(ExpertLoadsError) -> Change {
        let ranks = microBatches.first?.count ?? 0
        guard ranks > 0 else { throw ExpertLoadsError(reason: .empty) }
        precondition(microBatches.allSatisfy { $0.count == ranks }, "all micro-batches have the same source ranks")
        for loads in microBatches.joined() {
            guard loads.count == layerCount * expertCount else {
                throw ExpertLoadsError(reason: .ragged(values: loads.count, experts: expertCount))
            }
        }
        var bytes: [UInt8] = []
        for loads in microBatches.joined() {
            bytes += (windowCount == 0 ? #"{"version":1,"logical_count":["# : ",").utf8
            bytes += "\n".utf8
            append(loads, to: &bytes)
            windowCount += 1
        }
        let windows = microBatches.count * ranks
        if windows > 1 {
            layout.divided.append(
                LoadHistoryLayout.DividedStep(
                    window: windowCount - windows, microBatches: microBatches.count, sourceRanks: ranks))
        }
        if let last = layout.numbers.last, last.upperBound + 1 == step {
            layout.numbers[layout.numbers.count - 1] = last.lowerBound...step
        } else {
            layout.numbers.append(step...step)
        }
        let change = Change(offset: offset, bytes: bytes + end)
        offset += bytes.count
        return change
    }

    /// Appends a window as rows of layers.
    private func append(_ loads: [Int], to bytes: inout [UInt8]) {
        for (index, load) in loads.enumerated() {
            let separator = index == 0 ? "[[" : index.isMultiple(of: expertCount) ? "],[" : ","
            bytes += separator.utf8
            bytes += String(load).utf8
        }
        bytes += "]]".utf8
    }

    /// The end of the file, from the bracket that closes the windows on.
    private var end: [UInt8] {
        let numbers = layout.numbers.map { "[\($0.lowerBound),\($0.upperBound)]" }.joined(separator: ",")
        let divided = layout.divided.map { "[\($0.window),\($0.microBatches),\($0.sourceRanks)]" }
        return Array("\n],\"steps\":[\(numbers)],\"micro_batches\":[\(divided.joined(separator: ","))]}\n".utf8)
    }
}
