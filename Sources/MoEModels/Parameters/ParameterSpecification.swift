/// A parameter as a model declares it, before any memory is taken.
public struct ParameterSpecification: Hashable, Sendable {
    /// How a parameter begins.
    public enum Start: Hashable, Sendable {
        /// One value everywhere.
        case constant(Double)
        /// Normal numbers of mean 0 and this standard deviation.
        case normal(deviation: Double)
    }

    /// The parameter's name, one for the whole model: copies on other ranks and stages have the same.
    public let name: String
    /// Its shape; for routed experts, that of one expert.
    public let shape: [Int]
    /// How many routed experts it is stacked over, which are shared out among the expert-parallel group; nil for a
    /// parameter that everyone holds.
    public let expertCount: Int?
    /// How it begins.
    public let start: Start
    /// Whether weight decay applies to it.
    public let decays: Bool
    /// Whether training changes it by its gradient; the gate's bias, which has none, is kept in step otherwise.
    public let isTrained: Bool

    /// A parameter of the given parts.
    public init(
        _ name: String, _ shape: [Int], expertCount: Int? = nil, start: Start, decays: Bool = true,
        isTrained: Bool = true
    ) {
        self.name = name
        self.shape = shape
        self.expertCount = expertCount
        self.start = start
        self.decays = decays
        self.isTrained = isTrained
    }

    /// How many numbers the parameter has, over all experts.
    public var elementCount: Int { shape.reduce(expertCount ?? 1, *) }
}
