import DistributedRuntime
package import LibTorch

/// Trained parameters that the same ranks hold. The values, the gradients and the moments of a bucket are one flat
/// tensor each, so that one reduction and one optimizer step serve all of its parameters.
package final class ParameterBucket {
    /// The properties that all parameters of a bucket share.
    package struct Key: Hashable, Comparable {
        /// The pipeline ranks that hold the parameters.
        package let copies: [Int]
        /// Whether the parameters are routed experts. Each rank of an expert-parallel group holds different ones.
        package let areExperts: Bool
        /// The stages of the model that contribute to the gradients.
        package let stages: [Int]

        package static func < (left: Key, right: Key) -> Bool {
            if left.copies != right.copies { return left.copies.lexicographicallyPrecedes(right.copies) }
            if left.areExperts != right.areExperts { return right.areExperts }
            return left.stages.lexicographicallyPrecedes(right.stages)
        }
    }

    package let key: Key
    /// The names and shapes of the parameters in the order of memory: parameters with weight decay come first.
    package let entries: [(name: String, shape: [Int])]
    /// The number of elements with weight decay.
    package let decayingCount: Int
    /// The values that the model computes with.
    package let values: Tensor
    /// The values in the precision of the optimizer: float32 if ``values`` is bfloat16, otherwise ``values`` itself.
    package let masters: Tensor
    /// The sum of the gradients of all micro-batches and ranks, of the type of ``masters``.
    package let gradients: Tensor
    /// The gradients of all ranks that sum them, in shared memory; nil if the ranks sum them by messages or if no other
    /// rank holds the parameters.
    let sharedGradients: SharedMemoryTensors?
    package let firstMoments: Tensor
    package let secondMoments: Tensor

    /// Allocates the memory of the parameters, all zero.
    ///
    /// - Parameter share: Allocates `count` gradients of a type in shared memory; nil if the gradients are not shared.
    init(
        key: Key, decaying: [(name: String, shape: [Int])], others: [(name: String, shape: [Int])], type: ElementType,
        share: (_ count: Int, _ type: ElementType) throws -> SharedMemoryTensors?
    ) throws {
        self.key = key
        entries = decaying + others
        decayingCount = decaying.reduce(0) { $0 + $1.shape.reduce(1, *) }
        let count = others.reduce(decayingCount) { $0 + $1.shape.reduce(1, *) }
        values = try .zeros([count], type)
        let precise = type.accumulated
        sharedGradients = try share(count, precise)
        gradients = try sharedGradients?.own ?? .zeros([count], precise)
        masters = precise == type ? values : try .zeros([count], precise)
        firstMoments = try .zeros([count], precise)
        secondMoments = try .zeros([count], precise)
    }

    /// Copies ``masters`` to ``values``, rounded to the type of ``values``.
    package func round() throws {
        if masters !== values { try values.set(to: masters) }
    }

    /// Returns the parameters as tensors of their own shapes, whose gradients are views of the bucket's gradients.
    package func parameters() throws -> [(name: String, tensor: Tensor)] {
        try zip(views(of: values), views(of: gradients)).map { value, gradient in
            let leaf = try value.tensor.leaf()
            try leaf.setGradient(gradient.tensor)
            return (value.name, leaf)
        }
    }

    /// Returns views of one of the bucket's flat tensors, one per parameter.
    package func views(of flat: Tensor) throws -> [(name: String, tensor: Tensor)] {
        var start = 0
        return try entries.map { entry in
            let count = entry.shape.reduce(1, *)
            defer { start += count }
            return (entry.name, try flat.narrowed(0, start..<start + count).reshaped(entry.shape))
        }
    }
}
