import Timelines

extension KernelRules {
    /// The rules of computation whose names resemble communication.
    static let localWork: [KernelRule] =
        [
            KernelRule(
                .prefix(
                    ["poi", "red", "per", "tem", "for", "mix", "spl", "unk", "mm", "bmm"].map { "triton_\($0)_" }
                        + ["nvfuser_"]), compute("compiler-generated")),
            KernelRule(
                .function([["::triton", "::loop", "::input", "::wrapped", "::gemm"], ["fused", "fusion"]]),
                compute("compiler-generated")),
            KernelRule(
                .function([["blockallreduce", "warpallreduce", "blockwideallreduce"]]), compute("reduction in a block")),
            // Ascend runs the communication of a fused operator as a kernel of its own.
            KernelRule(.function([operations, ["aicpu"]]), communication("HCCL of a fused operator")),
            KernelRule(
                .function([
                    ["gemm", "matmul", "groupmm", "flashattn"],
                    operations + [
                        "gatherrs", "gatherar", "gemmrs", "aggemm", "gemma2a", "a2agemm", "gemmar", "gemmnotify",
                        "dispatchtoken",
                        "combinetoken",
                    ],
                ]), fused),
            KernelRule(.function([["megamoe", "fuseddeepmoe", "dispatchffncombine"]]), fused),
            KernelRule(.function([["copyepilogue", "reduceepilogue"]]), compute("epilogue of an exchange")),
            KernelRule(
                .function([
                    [
                        "localdeviceload", "convertdispatchoutput", "convertcombineinput", "moelocalgather",
                        "reducescatterlocalreduce",
                    ]
                ]), compute("epilogue of an exchange")),
            KernelRule(
                .function([
                    ["::hybridep::", "::ncclep::"],
                    ["permute", "padtokens", "restripe", "sparsetodense", "densetosparse", "converttopk"],
                ]), compute("permutation")),
        ]

    /// The collective operations, as in the path of a function.
    static let operations = ["allreduce", "allgather", "reducescatter", "alltoall", "all2all"]

    /// A matrix product or attention that also communicates. Its communication hides in the same kernel.
    static let fused = compute("fused computation and communication")

    private static func compute(_ family: String) -> KernelKind { KernelKind(activity: .compute, family: family) }
}
