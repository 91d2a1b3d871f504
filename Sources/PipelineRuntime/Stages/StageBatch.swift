public import LibTorch

/// The micro-batches of one step for this rank's stages of one chain.
public struct StageBatch {
    /// Returns the tensors of a micro-batch on the CPU, as many as the model's `dataCount`. A stage calls it if one of
    /// its segments reads such a tensor, and copies those that it reads to its device.
    public let data: (_ microbatch: Int) throws -> [Tensor]
    /// The divisors of the losses, such as numbers of tokens: counts over the whole global batch, in the order that the
    /// model defines.
    public let counts: [Double]

    /// Creates a batch from its parts.
    public init(counts: [Double], data: @escaping (_ microbatch: Int) throws -> [Tensor]) {
        self.data = data
        self.counts = counts
    }
}
