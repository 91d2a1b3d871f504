/// A table of numbers is not a table of loads.
public struct ExpertLoadsError: Error, CustomStringConvertible {
    /// What is wrong with a table of loads.
    public enum Reason: Sendable {
        /// There are no loads.
        case empty
        /// The values do not make whole layers.
        case ragged(values: Int, experts: Int)
        /// A value is negative, not a number, or larger than ``ExpertLoads/limit``.
        case notALoad(Double, layer: Int, expert: Int)
        /// Two tables that belong together differ in shape.
        case differentShapes(layers: Int, experts: Int, expectedLayers: Int, expectedExperts: Int)
    }

    /// What is wrong.
    public let reason: Reason

    /// One line: where, what, and what to do.
    public var description: String {
        switch reason {
        case .empty: "there are no loads: give at least one layer of at least one expert"
        case .ragged(let values, let experts):
            "\(values) values do not make whole layers of \(experts) experts: give every layer as many"
        case .notALoad(let value, let layer, let expert):
            "layer \(layer), expert \(expert): \(value) is not a load: give numbers from 0 to \(ExpertLoads.limit)"
        case .differentShapes(let layers, let experts, let expectedLayers, let expectedExperts):
            "\(layers) layers of \(experts) experts do not go with \(expectedLayers) of \(expectedExperts): "
                + "give tables of one shape"
        }
    }
}
