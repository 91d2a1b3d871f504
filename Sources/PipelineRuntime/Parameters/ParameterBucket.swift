import DistributedRuntime
package import LibTorch

/// Trained parameters that the same ranks hold: one flat tensor each for their values, gradients and moments, so that
/// one reduction and one optimizer step serve them all.
package final class ParameterBucket {
    /// What the parameters of a bucket have in common.
    package struct Key: Hashable, Comparable {
        /// The pipeline ranks that hold them.
        package let copies: [Int]
        /// Whether they are routed experts, whose ranks of an expert-parallel group hold different ones.
        package let areExperts: Bool
        /// The stages of the model that add to their gradients.
        package let stages: [Int]

        package static func < (left: Key, right: Key) -> Bool {
            if left.copies != right.copies { return left.copies.lexicographicallyPrecedes(right.copies) }
            if left.areExperts != right.areExperts { return right.areExperts }
            return left.stages.lexicographicallyPrecedes(right.stages)
        }
    }

    package let key: Key
    /// The names and shapes of the parameters, in the order in which they lie: first those that decay.
    package let entries: [(name: String, shape: [Int])]
    /// How many elements decay.
    package let decayingCount: Int
    /// The values that the model computes with.
    package let values: Tensor
    /// The same in the precision of the optimizer: float32 beside bfloat16 values, otherwise the values themselves.
    package let masters: Tensor
    package let gradients: Tensor
    /// The gradients of all who sum them, in memory that all of them see; nil where they sum them by messages, if at all.
    let sharedGradients: SharedMemoryTensors?
    package let firstMoments: Tensor
    package let secondMoments: Tensor

    /// Takes the memory for the parameters, which are all zero.
    ///
    /// - Parameter share: Makes so many gradients that their holders share, where they do.
    init(
        key: Key, decaying: [(name: String, shape: [Int])], others: [(name: String, shape: [Int])], type: ElementType,
        share: (_ count: Int) throws -> SharedMemoryTensors?
    ) throws {
        self.key = key
        entries = decaying + others
        decayingCount = decaying.reduce(0) { $0 + $1.shape.reduce(1, *) }
        let count = others.reduce(decayingCount) { $0 + $1.shape.reduce(1, *) }
        values = try .zeros([count], type)
        sharedGradients = try share(count)
        gradients = try sharedGradients?.own ?? .zeros([count], type)
        let precise = type == .bfloat16 ? ElementType.float32 : type
        masters = precise == type ? values : try .zeros([count], precise)
        firstMoments = try .zeros([count], precise)
        secondMoments = try .zeros([count], precise)
    }

    /// Takes over what has been changed in ``masters``.
    package func round() throws {
        if masters !== values { try values.set(to: masters) }
    }

    /// The parameters as tensors of their own shape, whose gradients gather in the bucket.
    package func parameters() throws -> [(name: String, tensor: Tensor)] {
        try zip(views(of: values), views(of: gradients)).map { value, gradient in
            let leaf = try value.tensor.leaf()
            try leaf.setGradient(gradient.tensor)
            return (value.name, leaf)
        }
    }

    /// Views of one of the bucket's flat tensors, one a parameter.
    package func views(of flat: Tensor) throws -> [(name: String, tensor: Tensor)] {
        var start = 0
        return try entries.map { entry in
            let count = entry.shape.reduce(1, *)
            defer { start += count }
            return (entry.name, try flat.narrowed(0, start..<start + count).reshaped(entry.shape))
        }
    }
}
