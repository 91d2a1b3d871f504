public import LibTorch

/// The parameters that one rank holds, by name. Stages of one rank that name the same parameter share it.
public struct ParameterSet {
    /// The experts of a layer that this rank holds, as the share `index` of `count` equal ones.
    public struct ExpertShare: Hashable, Sendable {
        /// This rank's place in the expert-parallel group.
        public let index: Int
        /// How many ranks the group has.
        public let count: Int

        /// The share of rank `index` in a group of `count`.
        public init(index: Int, count: Int) {
            self.index = index
            self.count = count
        }

        /// The experts, out of `total`, that the rank holds.
        public func experts(of total: Int) -> Range<Int> {
            let size = total / count
            return index * size..<(index + 1) * size
        }
    }

    /// The share of every layer's experts.
    public let share: ExpertShare
    private var tensors: [String: Tensor] = [:]

    /// An empty set for a rank's share of the experts.
    public init(share: ExpertShare) { self.share = share }

    /// Adds a parameter's tensor; for routed experts, that of the rank's share: [share, shape…].
    public mutating func add(_ name: String, _ tensor: Tensor) { tensors[name] = tensor }

    /// The parameter of that name.
    ///
    /// - Precondition: The model has declared it for one of the rank's stages.
    public subscript(name: String) -> Tensor {
        guard let tensor = tensors[name] else {
            preconditionFailure("parameter \(name) was not declared for this rank's stages")
        }
        return tensor
    }

    /// Whether the rank holds a parameter of that name.
    public func contains(_ name: String) -> Bool { tensors[name] != nil }

    /// The names of all parameters, sorted.
    public var names: [String] { tensors.keys.sorted() }

    /// The shape that `specification` has on this rank.
    public func localShape(_ specification: ParameterSpecification) -> [Int] {
        guard let total = specification.expertCount else { return specification.shape }
        return [share.experts(of: total).count] + specification.shape
    }
}
