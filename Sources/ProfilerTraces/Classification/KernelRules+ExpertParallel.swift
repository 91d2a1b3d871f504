import Timelines

extension KernelRules {
    /// The rules of expert-parallel exchanges.
    static let expertParallel: [KernelRule] =
        library("DeepEP", ["::deepep::", "::dpsk::ep::"]) + library("HybridEP", ["::hybridep::"])
        + library("NCCL EP", ["::ncclep"]) + library("UCCL-EP", ["::uccl::"]) + library("Mooncake", ["::mooncake::"])
        + library("NIXL EP", ["::nixlep::"]) + library("MORI", ["::mori::", "::epdispatch", "::epcombine"])
        + library("expert-parallel", ["::internode::", "::internodell::", "::intranode::"])
        + tensorRT + [
            KernelRule(
                .function([["::getdispatchlayout", "::cleanlowlatency"]]),
                communication("expert-parallel layout", role: .setup)),
            KernelRule(.function([["combinell", "lowlatencycombine"]]), communication("low-latency combine")),
            KernelRule(.function([["dispatchll", "lowlatencydispatch"]]), communication("low-latency dispatch")),
            KernelRule(.function([["::a2adispatch"]]), communication("pplx dispatch")),
            KernelRule(.function([["::a2acombine"]]), communication("pplx combine")),
            KernelRule(.function([["moedistributedispatch", "cammoedispatch"]]), communication("Ascend dispatch")),
            KernelRule(.function([["moedistributecombine", "cammoecombine"]]), communication("Ascend combine")),
            KernelRule(
                .function([["::dispatchkernel::", "::dispatchkernelv", "kerneldispatchtoken", "::dispatchimpl::"]]),
                communication("MoE dispatch")),
            KernelRule(
                .function([
                    [
                        "::combinekernel::", "::combinekernelv", "kernelcombinetoken", "gathercombinetoken",
                        "::combineimpl::",
                    ]
                ]),
                communication("MoE combine")),
            KernelRule(
                .function([["::hybriddispatchimpl::", "::hybridcombineimpl::"]]), communication("DeepEP hybrid")),
        ]

    /// The rules of TensorRT-LLM's all-to-all, which FlashInfer also has.
    private static let tensorRT = [
        KernelRule(
            .function([
                [
                    "moea2aprepare", "moea2asanitize", "computesendrecv", "inplacesendrecv", "computecountandindice",
                    "moveindice", "memsetexpertids", "::moeprepare::computecumsum",
                ]
            ]), communication("MoE all-to-all", role: .setup)),
        KernelRule(.function([["moealltoall", "moea2a", "alltoallmetadata"]]), communication("MoE all-to-all")),
    ]

    /// The rules of a library whose functions contain one of `paths`.
    private static func library(_ name: String, _ paths: [String]) -> [KernelRule] {
        func rule(_ parts: [String], _ operation: String, role: KernelRole = .work) -> KernelRule {
            KernelRule(.function([paths, parts]), communication("\(name) \(operation)", role: role))
        }
        return [
            rule(
                ["notify", "barrier", "devicesync", "rdmasync", "fetchwait", "phaseack", "asyncwait", "waitprefix"],
                "notify", role: .wait),
            rule(
                [
                    "getdispatchlayout", "cleanlowlatency", "maskbuffer", "::scan::", "htscan", "updateexpectedvalue",
                    "prologue", "copytostaging", "epcombinesync", "slotassign", "prepare",
                ], "layout", role: .setup),
            rule(["combine"], "combine"), rule(["dispatch"], "dispatch"),
            rule(["allreduce", "crossdevicereduce"], "all-reduce"), rule(["allgather", "agnvl"], "all-gather"),
            rule(["reducescatter"], "reduce-scatter"), rule(["alltoall", "all2all"], "all-to-all"),
            rule(["ppsend", "pprecv"], "send-receive"), KernelRule(.function([paths]), communication(name)),
        ]
    }
}
