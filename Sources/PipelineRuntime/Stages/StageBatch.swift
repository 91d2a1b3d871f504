public import LibTorch

/// What the micro-batches of one step bring to this rank's stages of one chain.
public struct StageBatch {
    /// The tensors of a micro-batch, which every stage is given: as many as the model's `dataCount`.
    public let data: (_ microbatch: Int) throws -> [Tensor]
    /// What losses are divided by, counted over the whole global batch, in the model's own order.
    public let counts: [Double]

    /// A batch of the given parts.
    public init(counts: [Double], data: @escaping (_ microbatch: Int) throws -> [Tensor]) {
        self.data = data
        self.counts = counts
    }
}
