extension KernelName {
    /// Whether the name is like those of communication kernels. Only asked of kernels that no rule knows.
    var looksLikeCommunication: Bool {
        if (KernelRules.operations + ["sendrecv", "multimem", "crossdevice"]).contains(where: functionContains) {
            return true
        }
        let moves = ["dispatch", "combine"].contains(where: functionContains)
        if moves && ["token", "expert", "rank", "node", "rdma", "remote"].contains(where: functionContains) {
            return true
        }
        // A communicator among the arguments, or the usual short form of all-to-all.
        return ["ncclDevComm", "ncclWindow", "nvshmem", "RankSignals", "_a2a", "a2a_", "A2A"].contains(where: contains)
    }
}
