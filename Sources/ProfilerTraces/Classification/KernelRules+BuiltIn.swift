import Timelines

extension KernelRules {
    /// The built-in rules. The names come from the sources of the libraries that the kernels belong to.
    static let builtIn: [KernelRule] = copies + expertParallel + collectives + custom

    /// The rules of copies. Copies between devices use the links that collectives use; all other copies are within one
    /// device or between a device and its host.
    private static let copies = [
        KernelRule(.copy(containing: ["PtoP"]), communication("peer copy")),
        KernelRule(.copy(containing: []), KernelKind(activity: .memory)),
        KernelRule(
            .prefix(["Memcpy", "Memset", "CopyDeviceToDevice", "CopyHostToDevice", "CopyDeviceToHost"]),
            KernelKind(activity: .memory)),
    ]

    /// The namespaces of DeepEP's kernels.
    private static let deepEP = ["deep_ep::", "dpsk::ep::"]

    /// The rules of expert-parallel exchanges.
    private static let expertParallel = [
        KernelRule(.containsAll([deepEP, ["notify", "barrier"]]), communication("DeepEP notify", role: .wait)),
        KernelRule(
            .containsAll([deepEP, ["get_dispatch_layout", "clean_low_latency"]]),
            communication("DeepEP layout", role: .setup)),
        KernelRule(.containsAll([deepEP, ["combine"]]), communication("DeepEP combine")),
        KernelRule(.containsAll([deepEP, ["dispatch"]]), communication("DeepEP dispatch")),
        KernelRule(.contains(deepEP), communication("DeepEP")),
        KernelRule(.contains(["combine_ll", "low_latency_combine"]), communication("low-latency combine")),
        KernelRule(.contains(["dispatch_ll", "low_latency_dispatch"]), communication("low-latency dispatch")),
        KernelRule(
            .contains(["moeAllToAll", "moe_all_to_all", "moe_alltoall", "moeA2A"]), communication("MoE all-to-all")),
    ]

    /// The rules of NCCL and libraries derived from it. Operations are spelled as in the names of kernels.
    private static let collectives: [KernelRule] =
        [
            ("AllReduce", "all-reduce"), ("AllGather", "all-gather"), ("ReduceScatter", "reduce-scatter"),
            ("AllToAll", "all-to-all"), ("SendRecv", "send-receive"), ("Broadcast", "broadcast"), ("Reduce", "reduce"),
        ].map { spelling, operation in
            KernelRule(
                .containsAll([["ncclKernel", "ncclDevKernel", "ncclSymDevKernel", "ncclSymk", "msccl"], [spelling]]),
                communication("NCCL \(operation)"))
        } + [
            KernelRule(.prefix(["nccl", "rccl", "hccl"]), communication("NCCL")),
            KernelRule(
                .contains(["ncclKernel", "ncclDevKernel", "ncclSymDevKernel", "mscclKernel", "mscclpp"]),
                communication("NCCL")),
            KernelRule(
                .containsAll([["nvshmem"], ["barrier", "sync", "quiet", "fence", "wait"]]),
                communication("NVSHMEM barrier", role: .wait)),
            KernelRule(.contains(["nvshmem"]), communication("NVSHMEM")),
        ]

    /// The rules of the communication kernels that inference engines and PyTorch implement themselves.
    private static let custom = [
        KernelRule(
            .contains([
                "cross_device_reduce", "one_shot_all_reduce", "two_shot_all_reduce", "multimem_all_reduce",
                "oneShotAllReduce", "twoShotAllReduce", "oneshot_all_reduce", "twoshot_all_reduce", "lamportAllReduce",
                "allreduce_fusion", "allReduceFusion", "allreduce_kernel", "quickreduce", "userbuffers_fp16_sum",
            ]), communication("custom all-reduce")),
        KernelRule(.contains(["multimem_all_gather", "multimem_one_shot"]), communication("custom all-gather")),
        KernelRule(
            .contains(["symm_mem::barrier", "barrier_kernel", "intra_node_barrier"]),
            communication("barrier", role: .wait)),
    ]

    private static func communication(_ family: String, role: KernelRole = .work) -> KernelKind {
        KernelKind(activity: .communication, role: role, family: family)
    }
}
