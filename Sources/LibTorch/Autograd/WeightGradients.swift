import CLibTorch

/// The weight products of one backward pass, kept until somebody has time for them.
///
/// A backward pass through ``Tensor/linear(_:_:)`` and ``Tensor/experts(counts:up:down:_:)`` computes input gradients
/// alone and leaves here what their weights' gradients need. ``run()`` adds those to the weights' gradients. That is how
/// schedules split a backward into I and W.
public final class WeightGradients {
    let handle: OpaquePointer

    /// Nothing kept yet.
    public init() throws(LibTorchError) { handle = try made { ct_weights_new(&$0) } }

    deinit { ct_weights_free(handle) }

    /// How many matrix products wait.
    public var pendingProducts: Int { Int(ct_weights_pending(handle)) }

    /// Adds what waits to the gradients of the weights, in the order in which it came, and frees it.
    public func run() throws(LibTorchError) { try check(ct_weights_run(handle)) }
    /// How many weight products have run on this thread so far.
    package static var productsRun: Int { Int(ct_weight_products()) }
}
