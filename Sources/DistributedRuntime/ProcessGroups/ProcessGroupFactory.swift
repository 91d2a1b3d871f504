import LibTorch
import RankHeartbeats

/// Creates process groups for the calling thread's current device after a rendezvous: Gloo for the CPU, NCCL
/// for CUDA, and copies for ranks that are threads on one device.
package struct ProcessGroupFactory {
    /// The maximum number of CUDA blocks per operation in groups of counts and in pipeline channels. A posted receive
    /// occupies its blocks until data arrives, so the limit leaves room for computation.
    private static let channelBlocks = 4
    /// The maximum number of CUDA blocks per exchange of tokens: as many as DeepSeek's training gives to communication
    /// (DeepSeek-V3 report, 2024).
    package static let tokenBlocks = 20

    let rank: Int
    /// The page on which the rank publishes its waits.
    let page: BeatPage
    let store: RendezvousStore
    let host: String
    /// The common name of the threads that copy tensors between themselves; nil for other ranks.
    let threads: String?
    package let timeoutMilliseconds: Int
    /// Whether Gloo groups match sends and receives by tag. NCCL groups never do.
    let hasTags: Bool
    /// Whether ranks of one machine exchange tensors in shared memory.
    package let sharesMemory: Bool
    /// The maximum bytes that a rank sends per exchange in shared memory.
    package let sharedExchangeBytes: Int

    /// The group of `ranks`, which include this rank.
    package func callAsFunction(_ ranks: [Int]) throws -> ProcessGroup {
        try group(ranks, name: Self.name(ranks), mostBlocks: nil)
    }

    /// The group of `ranks` for CPU tensors, on every device type.
    package func control(_ ranks: [Int]) throws -> ProcessGroup {
        try gloo(ranks, name: "control-" + Self.name(ranks), hasTags: true)
    }

    /// The group of `ranks` that exchanges counts.
    package func counts(_ ranks: [Int]) throws -> ProcessGroup {
        try group(ranks, name: "counts-" + Self.name(ranks), mostBlocks: Self.channelBlocks, isUrgent: true)
    }

    /// The group of `ranks` that exchanges tokens.
    package func tokens(_ ranks: [Int], mostBlocks: Int = Self.tokenBlocks) throws -> ProcessGroup {
        try group(ranks, name: "tokens-" + Self.name(ranks), mostBlocks: mostBlocks, isUrgent: true)
    }

    /// A channel of the pipeline. The sender is rank 0 of the group. Two ranks may have two channels in the same
    /// direction, which `carriesGradients` distinguishes.
    package func channel(from sender: Int, to receiver: Int, carriesGradients: Bool) throws -> ProcessGroup {
        let name = "\(carriesGradients ? "gradients" : "activations")-\(sender)-\(receiver)"
        return try group([sender, receiver], name: name, mostBlocks: Self.channelBlocks)
    }

    private func group(
        _ ranks: [Int], name: String, mostBlocks: Int?, isUrgent: Bool = false
    ) throws -> ProcessGroup {
        guard threads != nil || Device.current != .cpu else { return try gloo(ranks, name: name, hasTags: hasTags) }
        return try connected(ranks) { index in
            if let threads {
                return try ThreadGroup(
                    name: "\(threads)-\(name)", rank: index, ranks: ranks, timeoutMilliseconds: timeoutMilliseconds)
            }
            return try NCCLGroup(
                store: store.prefixed(name), rank: index, size: ranks.count, timeoutMilliseconds: timeoutMilliseconds,
                mostBlocks: mostBlocks, isUrgent: isUrgent)
        }
    }

    private func gloo(_ ranks: [Int], name: String, hasTags: Bool) throws -> ProcessGroup {
        try connected(ranks) { index in
            try GlooGroup(
                store: store.prefixed(name), rank: index, size: ranks.count, host: host,
                timeoutMilliseconds: timeoutMilliseconds, hasTags: hasTags)
        }
    }

    /// Creates a group, and publishes the waits for its members, the first of which is for their connection.
    ///
    /// - Parameter make: Creates the group with this rank's index in it.
    private func connected(_ ranks: [Int], _ make: (_ index: Int) throws -> ProcessGroup) throws -> ProcessGroup {
        let waits = GroupWaits(ranks, on: page)
        let group = try page.waiting(RankWait(.connection, group: waits.group)) {
            try make(ranks.firstIndex(of: rank) ?? 0)
        }
        group.waits = waits
        return group
    }

    private static func name(_ ranks: [Int]) -> String { ranks.map(String.init).joined(separator: "-") }
}
