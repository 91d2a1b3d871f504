/// A model's declaration of a parameter. It allocates no memory.
public struct ParameterSpecification: Hashable, Sendable {
    /// The initial values of a parameter.
    public enum Start: Hashable, Sendable {
        /// The same value for all elements.
        case constant(Double)
        /// Normally distributed numbers with mean 0 and the given standard deviation.
        case normal(deviation: Double)
    }

    /// The parameter's name, unique in the model. Copies on other ranks and stages have the same name.
    public let name: String
    /// The shape of the parameter; for routed experts, the shape of one expert.
    public let shape: [Int]
    /// The number of routed experts that the parameter is stacked over. They are divided among the expert-parallel
    /// group. nil for a parameter that every rank of the group holds.
    public let expertCount: Int?
    /// The number of the layer of routed experts, counted among such layers from 0. Its experts may have slots of their
    /// own on the ranks.
    public let expertLayer: Int
    /// The initial values.
    public let start: Start
    /// Whether weight decay applies to the parameter.
    public let decays: Bool
    /// Whether the optimizer updates the parameter by its gradient. The gate's bias has no gradient; the model updates
    /// it.
    public let isTrained: Bool

    /// Creates a specification from its parts.
    public init(
        _ name: String, _ shape: [Int], expertCount: Int? = nil, expertLayer: Int = 0, start: Start,
        decays: Bool = true, isTrained: Bool = true
    ) {
        self.name = name
        self.shape = shape
        self.expertCount = expertCount
        self.expertLayer = expertLayer
        self.start = start
        self.decays = decays
        self.isTrained = isTrained
    }

    /// The number of elements over all experts.
    public var elementCount: Int { shape.reduce(expertCount ?? 1, *) }
}
