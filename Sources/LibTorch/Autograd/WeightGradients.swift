import CLibTorch

/// The deferred weight products of one backward pass.
///
/// A backward pass through ``Tensor/linear(_:_:in:)`` and ``Tensor/experts(counts:up:down:and:factors:_:)`` computes
/// only the input gradients and stores the operands of the weight gradients here. ``run()`` computes the products and
/// adds them to the weights' gradients. Schedules use this to split a full backward (B) into I and W.
public final class WeightGradients {
    let handle: OpaquePointer

    /// Creates an empty queue.
    public init() throws(LibTorchError) { handle = try made { ct_weights_new(&$0) } }

    deinit { ct_weights_free(handle) }

    /// The number of pending matrix products.
    public var pendingProducts: Int { Int(ct_weights_pending(handle)) }

    /// Computes the pending products in the order of the backward pass, adds them to the weights' gradients and frees
    /// their operands.
    public func run() throws(LibTorchError) { try check(ct_weights_run(handle)) }

    /// The number of weight products that have run on the calling thread so far.
    package static var productsRun: Int { Int(ct_weight_products()) }
}
