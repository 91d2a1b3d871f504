/// The memory that one segment takes per micro-batch on one rank, from the shapes of its tensors alone.
package struct SegmentMemory: Hashable, Sendable {
    /// A tensor by its shape and the bytes per element.
    package struct Shape: Hashable, Sendable {
        /// The name of the tensor.
        package let name: String
        /// The sizes of the dimensions.
        package let sizes: [Int]
        /// The bytes per element.
        package let width: Int

        /// The bytes of the elements.
        package var bytes: Double { sizes.reduce(Double(width)) { $0 * Double($1) } }
    }

    /// The name of the segment, as in timelines.
    package let name: String
    /// The tensors that the forward keeps for the backward.
    package var kept: [Shape]
    /// The tensors that the backward keeps for the weight gradients.
    package var deferred: [Shape] = []
    /// The bytes that the forward takes besides ``kept`` while it runs.
    package var forwardBytes = 0.0
    /// The bytes that the backward takes besides ``kept`` while it runs.
    package var backwardBytes = 0.0
    /// The bytes that the weight gradients take besides ``deferred`` while they run.
    package var weightBytes = 0.0

    /// The bytes of ``kept``.
    package var keptBytes: Double { kept.reduce(0) { $0 + $1.bytes } }
    /// The bytes of ``deferred``.
    package var deferredBytes: Double { deferred.reduce(0) { $0 + $1.bytes } }
}
