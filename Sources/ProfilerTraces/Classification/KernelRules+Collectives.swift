import Timelines

extension KernelRules {
    /// The rules of libraries of collectives.
    static let collectives: [KernelRule] =
        library("NCCL", ["::nccl", "::rccl"]) + library("MSCCL", ["::msccl"])
        + library("HCCL", ["::hccl", "::hcom", "::aivall", "::aivreducescatter"])
        + library("oneCCL", ["::oneccl"]) + library("Gloo", ["::gloo::"])
        + library("collective library", ["ccl::", "::mcclkernel", "::cncl", "::xccl", "::bkcl", "::eccl", "::flagcx"])
        + [
            KernelRule(
                .function([shmem, ["barrier", "sync", "quiet", "fence", "wait"]]),
                communication("NVSHMEM barrier", role: .wait)),
            KernelRule(.function([shmem]), communication("NVSHMEM")),
            KernelRule(.function([["::notifywait", "::notifyrecord"]]), communication("HCCL notify", role: .wait)),
        ]

    /// Libraries with the interface of OpenSHMEM.
    private static let shmem = [
        "nvshmem", "rocshmem", "ishmem", "mxshmem", "shmembarrier", "onstreamkernel", "waituntilonstream",
    ]

    /// The operations of collectives, as in the path of a function and as in the name of a family. The first that
    /// occurs decides.
    private static let names = [
        ("allreduce", "all-reduce"), ("allgather", "all-gather"), ("reducescatter", "reduce-scatter"),
        ("alltoall", "all-to-all"), ("sendrecv", "send-receive"), ("broadcast", "broadcast"), ("reduce", "reduce"),
    ]

    /// The rules of a library whose functions contain one of `paths`.
    private static func library(_ name: String, _ paths: [String]) -> [KernelRule] {
        [
            KernelRule(
                .function([paths, ["barrier", "waitforsignal", "notify"]]),
                communication("\(name) barrier", role: .wait))
        ]
            + names.map { part, operation in
                KernelRule(.function([paths, [part]]), communication("\(name) \(operation)"))
            } + [KernelRule(.function([paths]), communication(name))]
    }
}
