/// The number of tokens that each expert of each layer received.
///
/// The initializers check that every value is finite, not negative and at most ``limit``, so that policies need no
/// checks.
public struct ExpertLoads: Hashable, Sendable {
    /// The largest value allowed. Sums of such values over layers and devices stay finite, also in Float32.
    public static let limit = 1e30

    /// The number of layers.
    public let layerCount: Int
    /// The number of experts per layer.
    public let expertCount: Int
    /// The loads, layer after layer: `layers × experts`, in tokens or any other unit of work.
    public let values: [Double]

    /// Creates loads from `layers × experts` values.
    ///
    /// - Throws: ``ExpertLoadsError`` if there are no values, if they do not make whole layers, or if one is not a
    ///   load.
    /// - Complexity: O(layers × experts).
    public init(_ values: [Double], expertCount: Int) throws(ExpertLoadsError) {
        guard expertCount > 0, !values.isEmpty else { throw ExpertLoadsError(reason: .empty) }
        guard values.count.isMultiple(of: expertCount) else {
            throw ExpertLoadsError(reason: .ragged(values: values.count, experts: expertCount))
        }
        if let index = values.firstIndex(where: { !($0 >= 0 && $0 <= Self.limit) }) {
            throw ExpertLoadsError(
                reason: .notALoad(values[index], layer: index / expertCount, expert: index % expertCount))
        }
        layerCount = values.count / expertCount
        self.expertCount = expertCount
        self.values = values
    }

    /// Creates loads from one row per layer.
    ///
    /// - Throws: ``ExpertLoadsError`` if there are no values, if rows differ in length, or if a value is not a load.
    public init(layers: [[Double]]) throws(ExpertLoadsError) {
        let experts = layers.first?.count ?? 0
        if let row = layers.first(where: { $0.count != experts }) {
            throw ExpertLoadsError(reason: .ragged(values: row.count, experts: experts))
        }
        try self.init(layers.flatMap(\.self), expertCount: experts)
    }

    /// The loads of one layer's experts.
    public subscript(layer layer: Int) -> ArraySlice<Double> { values[layer * expertCount..<(layer + 1) * expertCount] }

    /// Returns the sum of one layer's loads. O(experts).
    public func total(ofLayer layer: Int) -> Double { self[layer: layer].reduce(0, +) }

    /// Whether any expert of any layer received tokens. O(layers × experts).
    public var hasLoad: Bool { values.contains { $0 > 0 } }
}
