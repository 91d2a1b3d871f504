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
    private var tensors: [String: Tensor] = [:]

    /// Creates an empty set for a rank with the given share of the experts.
    public init(share: ExpertShare) { self.share = share }

    /// Adds the tensor of a parameter. For routed experts, the tensor holds the rank's share: [experts, shape…].
    public mutating func add(_ name: String, _ tensor: Tensor) { tensors[name] = tensor }

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
