/// How many tokens each expert of each layer was given.
///
/// Values are checked once, here, so that every policy may rely on them: finite, not negative, at most ``limit``.
public struct ExpertLoads: Hashable, Sendable {
    /// The largest load that a value may have: sums over layers and devices stay finite, also in Float32.
    public static let limit = 1e30

    /// How many layers there are.
    public let layerCount: Int
    /// How many experts a layer has.
    public let expertCount: Int
    /// The loads, layer after layer: `layers × experts`, in tokens or any other unit of work.
    public let values: [Double]

    /// Loads of `layers × experts`.
    ///
    /// - Throws: ``ExpertLoadsError`` where there are none, rows are ragged or a value is not a load.
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

    /// Loads given a row a layer.
    ///
    /// - Throws: ``ExpertLoadsError``.
    public init(layers: [[Double]]) throws(ExpertLoadsError) {
        let experts = layers.first?.count ?? 0
        if let row = layers.first(where: { $0.count != experts }) {
            throw ExpertLoadsError(reason: .ragged(values: row.count, experts: experts))
        }
        try self.init(layers.flatMap(\.self), expertCount: experts)
    }

    /// The loads of one layer's experts.
    public subscript(layer layer: Int) -> ArraySlice<Double> { values[layer * expertCount..<(layer + 1) * expertCount] }

    /// The sum of one layer's loads. O(experts).
    public func total(ofLayer layer: Int) -> Double { self[layer: layer].reduce(0, +) }
}
