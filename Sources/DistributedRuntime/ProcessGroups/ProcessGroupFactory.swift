import LibTorch

/// Makes groups of ranks that have met, for the device that the calling thread computes on: Gloo for the CPU, NCCL for
/// CUDA.
package struct ProcessGroupFactory {
    /// How many of a device's blocks counts, or a channel of the pipeline, take at most: receives that were posted ahead keep
    /// theirs until something comes, and all of them together must leave room for what the device computes.
    private static let channelBlocks = 4

    let rank: Int
    let store: RendezvousStore
    let host: String
    package let timeoutMilliseconds: Int
    /// Whether Gloo's groups match by tag; those of NCCL never do.
    let hasTags: Bool
    /// Whether ranks of one machine use memory that all of them see.
    package let sharesMemory: Bool
    /// The most bytes that a rank sends in an exchange by such memory.
    package let sharedExchangeBytes: Int

    /// The group of `ranks`, one of which is this one.
    package func callAsFunction(_ ranks: [Int]) throws -> ProcessGroup {
        try group(ranks, name: Self.name(ranks), mostBlocks: nil)
    }

    /// The group of `ranks` for what lies on the CPU, whatever the device.
    package func control(_ ranks: [Int]) throws -> ProcessGroup {
        try gloo(ranks, name: "control-" + Self.name(ranks), hasTags: true)
    }

    /// The group of `ranks` for counts alone.
    package func counts(_ ranks: [Int]) throws -> ProcessGroup {
        try group(ranks, name: "counts-" + Self.name(ranks), mostBlocks: Self.channelBlocks)
    }

    /// One channel of a pipeline, whose sender is the group's rank 0; `carriesGradients` tells it from the other that goes the
    /// same way.
    package func channel(from sender: Int, to receiver: Int, carriesGradients: Bool) throws -> ProcessGroup {
        let name = "\(carriesGradients ? "gradients" : "activations")-\(sender)-\(receiver)"
        return try group([sender, receiver], name: name, mostBlocks: Self.channelBlocks)
    }

    private func group(_ ranks: [Int], name: String, mostBlocks: Int?) throws -> ProcessGroup {
        guard Device.current != .cpu else { return try gloo(ranks, name: name, hasTags: hasTags) }
        return try NCCLGroup(
            store: store.prefixed(name), rank: ranks.firstIndex(of: rank) ?? 0, size: ranks.count,
            timeoutMilliseconds: timeoutMilliseconds, mostBlocks: mostBlocks)
    }

    private func gloo(_ ranks: [Int], name: String, hasTags: Bool) throws -> GlooGroup {
        try GlooGroup(
            store: store.prefixed(name), rank: ranks.firstIndex(of: rank) ?? 0, size: ranks.count, host: host,
            timeoutMilliseconds: timeoutMilliseconds, hasTags: hasTags)
    }

    private static func name(_ ranks: [Int]) -> String { ranks.map(String.init).joined(separator: "-") }
}
