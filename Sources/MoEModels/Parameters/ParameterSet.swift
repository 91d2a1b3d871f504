import ExpertBalancing
public import LibTorch

/// The parameters of one rank, by name. Stages of a rank that declare the same parameter share it.
public struct ParameterSet {
    /// The experts of a layer that a rank holds: share `index` of `count` equal shares.
    public struct ExpertShare: Hashable, Sendable {
        /// The rank in the expert-parallel group.
        public let index: Int
        /// The number of ranks in the expert-parallel group.
        public let count: Int

        /// Creates the share of rank `index` in a group of `count` ranks.
        public init(index: Int, count: Int) {
            self.index = index
            self.count = count
        }

        /// The experts that the rank holds, out of `total`, which is a multiple of `count`.
        public func experts(of total: Int) -> Range<Int> {
            let size = total / count
            return index * size..<(index + 1) * size
        }
    }

    /// The rank's share of every layer's experts.
    public let share: ExpertShare
    /// The slots of each layer of routed experts; nil if each rank holds its share of consecutive experts and no others.
    package let layout: ExpertLayout?
    /// The rows that layers of routed experts have computed.
    package let deviceLoads = DeviceLoads()
    /// The gradients of replicas that the rank has fetched.
    package let fetchedGradients = FetchedGradients()
    private var tensors: [String: Tensor] = [:]
    private var replicaTensors: [String: Tensor] = [:]

    /// Creates an empty set for a rank with the given share of the experts.
    public init(share: ExpertShare) { self.init(share: share, layout: nil) }

    /// - Parameter layout: The slots of experts; nil for shares of consecutive experts.
    package init(share: ExpertShare, layout: ExpertLayout?) {
        self.share = share
        self.layout = layout
    }

    /// Adds the tensor of a parameter. For routed experts, the tensor holds the rank's share: [experts, shape…].
    public mutating func add(_ name: String, _ tensor: Tensor) { tensors[name] = tensor }

    /// Adds the weights of the rank's replicas of experts that other ranks own: [replicas, shape…].
    package mutating func addReplicas(_ name: String, _ tensor: Tensor) { replicaTensors[name] = tensor }

    /// The weights of the rank's replicas; nil if it has none.
    package func replicas(of name: String) -> Tensor? { replicaTensors[name] }

    /// Returns the experts that the rank owns, in the order of the parameter's first dimension; none for a parameter
    /// without experts.
    package func experts(of specification: ParameterSpecification) -> [Int] {
        experts(of: specification, rank: share.index)
    }

    /// Returns the experts that a rank of the expert-parallel group owns.
    package func experts(of specification: ParameterSpecification, rank: Int) -> [Int] {
        guard let total = specification.expertCount else { return [] }
        if let layout { return layout.layers[specification.expertLayer].owned[rank] }
        return Array(ExpertShare(index: rank, count: share.count).experts(of: total))
    }

    /// The parameter with the given name.
    ///
    /// - Precondition: The model has declared it for one of the rank's stages.
    public subscript(name: String) -> Tensor {
        guard let tensor = tensors[name] else {
            preconditionFailure("parameter \(name) was not declared for this rank's stages")
        }
        return tensor
    }

    /// Whether the rank holds a parameter with the given name.
    public func contains(_ name: String) -> Bool { tensors[name] != nil }

    /// The sorted names of all parameters.
    public var names: [String] { tensors.keys.sorted() }

    /// The shape of a parameter on this rank.
    public func localShape(_ specification: ParameterSpecification) -> [Int] {
        guard let total = specification.expertCount else { return specification.shape }
        return [share.experts(of: total).count] + specification.shape
    }
}
