/// An error for a table of numbers that is not a table of loads.
public struct ExpertLoadsError: Error, CustomStringConvertible {
    /// The reasons to refuse a table.
    public enum Reason: Sendable {
        /// There are no loads.
        case empty
        /// The values do not make whole layers.
        case ragged(values: Int, experts: Int)
        /// A value is negative, not a number, or larger than ``ExpertLoads/limit``.
        case notALoad(Double, layer: Int, expert: Int)
        /// Two tables of one stream differ in shape.
        case differentShapes(layers: Int, experts: Int, expectedLayers: Int, expectedExperts: Int)
    }

    /// The reason to refuse the table.
    public let reason: Reason

    /// One line with the position, the problem and the remedy.
    public var description: String {
        switch reason {
        case .empty: "there are no loads: give at least one layer of at least one expert"
        case .ragged(let values, let experts):
            "\(values.counted("value")) cannot make whole layers of \(experts.counted("expert")): give every layer "
                + "the same number"
        case .notALoad(let value, let layer, let expert):
            "layer \(layer), expert \(expert): \(value) is not a load: give numbers from 0 to \(ExpertLoads.limit)"
        case .differentShapes(let layers, let experts, let expectedLayers, let expectedExperts):
            "\(layers.counted("layer")) of \(experts.counted("expert")) cannot follow "
                + "\(expectedLayers.counted("layer")) of \(expectedExperts.counted("expert")): give tables of "
                + "the same shape"
        }
    }
}
