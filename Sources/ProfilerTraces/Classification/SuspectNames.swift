/// The names that are like those of communication kernels.
enum SuspectNames {
    private static let operations = bytes(KernelRules.operations + ["sendrecv", "multimem", "crossdevice"])
    private static let exchanges = bytes(["dispatch", "combine"])
    private static let exchanged = bytes(["token", "expert", "rank", "node", "rdma", "remote"])
    /// Communicators, and the usual short form of all-to-all.
    private static let arguments = bytes(
        ["ncclDevComm", "ncclWindow", "nvshmem", "RankSignals", "_a2a", "a2a_", "A2A"])

    private static func bytes(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }

    /// Returns whether a kernel that no rule knows looks like communication. O(name).
    static func contains(_ name: String) -> Bool {
        let function = KernelFunction(name)
        if operations.contains(where: function.contains) { return true }
        if exchanges.contains(where: function.contains), exchanged.contains(where: function.contains) { return true }
        let name = KernelName(name)
        return arguments.contains { name.contains($0) }
    }
}
