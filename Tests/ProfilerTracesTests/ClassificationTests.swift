import ProfilerTraces
import Testing
import Timelines

@Suite struct ClassificationTests {
    @Test(arguments: [
        (
            "ncclDevKernel_AllReduce_Sum_f32_RING_LL(ncclDevKernelArgsStorage<4096ul>)", "NCCL all-reduce",
            KernelRole.work
        ),
        (
            "ncclKernel_SendRecv_RING_SIMPLE_Sum_int8_t(ncclDevComm*, unsigned long, ncclWork*)", "NCCL send-receive",
            .work
        ),
        ("ncclDevKernel_ReduceScatter_Sum_bf16_RING_LL", "NCCL reduce-scatter", .work),
        ("void (anonymous namespace)::ncclKernelMain<1>", "NCCL", .work),
        ("void deep_ep::internode::combine<false, 8>(int4*)", "DeepEP combine", .work),
        ("void dpsk::ep::internode::dispatch<false, 8>(int4*)", "DeepEP dispatch", .work),
        ("void dpsk::ep::internode::notify_dispatch<false, 8>(int const*)", "DeepEP notify", .wait),
        ("void dpsk::ep::internode::cached_notify<false>(int)", "DeepEP notify", .wait),
        ("void deep_ep::intranode::barrier<8>(int**, int)", "DeepEP notify", .wait),
        ("void dpsk::ep::cuda::get_dispatch_layout<256, 32, 8>(long const*)", "DeepEP layout", .setup),
        ("void dispatch_ll<3, 7168>(int)", "low-latency dispatch", .work),
        ("void vllm::cross_device_reduce_2stage<__nv_bfloat16, 8>", "custom all-reduce", .work),
        ("nvshmemi_barrier_all_kernel", "NVSHMEM barrier", .wait),
        ("void nvshmemi_put_threadgroup<2>", "NVSHMEM", .work),
    ])
    func communicationIsKnownByName(_ name: String, _ family: String, _ role: KernelRole) {
        let kind = KernelRules().kind(of: name, isCopy: false)
        #expect(kind == KernelKind(activity: .communication, role: role, family: family))
    }

    @Test func copiesAndComputationAreTold() {
        let rules = KernelRules()
        #expect(rules.kind(of: "Memcpy DtoD (Device -> Device)", isCopy: true).activity == .memory)
        #expect(rules.kind(of: "Memset (Device)", isCopy: true).activity == .memory)
        #expect(rules.kind(of: "Memcpy PtoP (Device -> Device)", isCopy: true).activity == .communication)
        for name in [
            "void cutlass::Kernel<gemm>(int)", "triton_poi_fused_add", "reduce_kernel", "dispatch_layout_gemm",
        ] {
            #expect(rules.kind(of: name, isCopy: false) == KernelKind(activity: .compute))
        }
    }

    @Test func namesAreShortened() {
        #expect(
            shortKernelName("void deep_ep::intranode::dispatch<8, 768>(int4*, float*)")
                == "deep_ep::intranode::dispatch")
        #expect(shortKernelName("Memcpy DtoD (Device -> Device)") == "Memcpy DtoD (Device -> Device)")
        #expect(
            shortKernelName("void at::native::(anonymous namespace)::CatArray<float>(int)") == "at::native::CatArray")
        // What is no signature stays whole.
        #expect(shortKernelName("experts F") == "experts F")
        #expect(shortKernelName("ncclDevKernel_AllReduce") == "ncclDevKernel_AllReduce")
        #expect(shortKernelName("") == "")
    }

    @Test func rulesOfAUserComeFirst() throws {
        var rules = KernelRules()
        try rules.add(file: "# mine\n\nwait ^my_barrier\nmemory pack_\\d+\ncompute ncclFake\n")
        try rules.addCommunication(matching: "my_.*")
        #expect(rules.kind(of: "my_barrier_3", isCopy: false).role == .work)
        #expect(rules.kind(of: "pack_12", isCopy: false).activity == .memory)
        #expect(rules.kind(of: "ncclFake", isCopy: false).activity == .compute)
        #expect(rules.rules.first?.description == "communication: name matches my_.* -> my_.*")
        let error = #expect(throws: KernelRuleError.self) { try rules.add(file: "compute a\nnonsense b\n") }
        #expect(error?.line == 2)
        #expect(throws: KernelRuleError.self) { try rules.addCommunication(matching: "(") }
        #expect(throws: KernelRuleError.self) { try rules.add(file: "compute [") }
    }
}
