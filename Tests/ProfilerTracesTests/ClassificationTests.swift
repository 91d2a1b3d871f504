import Foundation
import ProfilerTraces
import TestSupport
import Testing
import Timelines

@Suite("Kernels are classified by name") struct ClassificationTests {
    @Test(
        "Communication kernels of known libraries have a family and a role",
        arguments: [
            (
                "ncclDevKernel_AllReduce_Sum_f32_RING_LL(ncclDevKernelArgsStorage<4096ul>)", "NCCL all-reduce",
                KernelRole.work
            ),
            (
                "ncclKernel_SendRecv_RING_SIMPLE_Sum_int8_t(ncclDevComm*, unsigned long, ncclWork*)",
                "NCCL send-receive",
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
    func communicationKernelsHaveAFamily(_ name: String, _ family: String, _ role: KernelRole) throws {
        let kind = try KernelRules().kind(of: name, isCopy: false)
        #expect(kind == KernelKind(activity: .communication, role: role, family: family))
    }

    @Test("Real names of kernels have the class and role that their source gives them") func realNames() throws {
        let lines = try String(contentsOfFile: fixture("kernel-names.tsv"), encoding: .utf8).split(separator: "\n")
        let rows = lines.dropFirst().map { $0.split(separator: "\t").map(String.init) }
        #expect(rows.count >= 250)
        #expect(Set(rows.map { $0[3] }).count == rows.count)
        let rules = KernelRules()
        for row in rows {
            let kind = try rules.kind(of: row[3], isCopy: row[3].hasPrefix("Mem"))
            #expect([kind.activity.name, kind.role.name] == [row[0], row[1]], "\(row[3]): \(kind)")
        }
    }

    @Test("Copies within a device are memory, copies between devices communication, other kernels computation")
    func copiesAndComputation() throws {
        let rules = KernelRules()
        #expect(try rules.kind(of: "Memcpy DtoD (Device -> Device)", isCopy: true).activity == .memory)
        #expect(try rules.kind(of: "Memset (Device)", isCopy: true).activity == .memory)
        #expect(try rules.kind(of: "Memcpy PtoP (Device -> Device)", isCopy: true).activity == .communication)
        for name in [
            "void cutlass::Kernel<gemm>(int)", "reduce_kernel", "dispatch_layout_gemm",
        ] {
            #expect(try rules.kind(of: name, isCopy: false) == KernelKind(activity: .compute))
        }
        #expect(
            try rules.kind(of: "triton_poi_fused_add", isCopy: false)
                == KernelKind(activity: .compute, family: "compiler-generated"))
    }

    @Test("A short name has no return type, parameters and arguments") func shortNames() {
        #expect(
            shortKernelName("void deep_ep::intranode::dispatch<8, 768>(int4*, float*)")
                == "deep_ep::intranode::dispatch")
        #expect(shortKernelName("Memcpy DtoD (Device -> Device)") == "Memcpy DtoD (Device -> Device)")
        #expect(
            shortKernelName("void at::native::(anonymous namespace)::CatArray<float>(int)") == "at::native::CatArray")
        // Names that are not signatures stay unchanged.
        #expect(shortKernelName("experts F") == "experts F")
        #expect(shortKernelName("ncclDevKernel_AllReduce") == "ncclDevKernel_AllReduce")
        #expect(shortKernelName("") == "")
    }

    @Test("A user's rules precede the built-in rules, and errors name their line")
    func userRulesPrecedeBuiltInRules() throws {
        var rules = KernelRules()
        try rules.add(file: "# comment\n\nwait ^my_barrier\nmemory pack_\\d+\ncompute ncclFake\n")
        try rules.addCommunication(matching: "my_.*")
        #expect(try rules.kind(of: "my_barrier_3", isCopy: false).role == .work)
        #expect(try rules.kind(of: "pack_12", isCopy: false).activity == .memory)
        #expect(try rules.kind(of: "ncclFake", isCopy: false).activity == .compute)
        #expect(rules.rules.first?.description == "communication: name matches my_.* -> my_.*")
        let error = #expect(throws: KernelRuleError.self) { try rules.add(file: "compute a\nnonsense b\n") }
        #expect(error?.line == 2)
        #expect(throws: KernelRuleError.self) { try rules.addCommunication(matching: "(") }
        #expect(throws: KernelRuleError.self) { try rules.add(file: "compute [") }
    }

    @Test(
        "A rules file may have any line ends, indentation and blank lines",
        arguments: ["memory a_.*\nwait b", "memory a_.*\r\nwait b\r\n", "\n \t# x\n\n  memory\ta_.*\n\twait b\n"])
    func formsOfRulesFiles(_ text: String) throws {
        var rules = KernelRules()
        try rules.add(file: text)
        #expect(
            rules.rules.prefix(2).map(\.description) == [
                "memory: name matches a_.* -> a_.*", "communication (wait): name matches b -> b",
            ])
        #expect(rules.rules.count == KernelRules().rules.count + 2)
    }

    @Test("The rules of a file are tried in the order of the file") func orderOfRules() throws {
        var rules = KernelRules()
        try rules.add(file: "memory ^x\ncommunication x")
        #expect(try rules.kind(of: "x", isCopy: false).activity == .memory)
        #expect(try rules.kind(of: "ax", isCopy: false).activity == .communication)
    }

    @Test(
        "A line whose class is only similar to a known one is refused with its text",
        arguments: [
            "Compute a", "computes a", "comm a", "communications a", "waits a", "memory", "wait ", "transfer a",
        ])
    func unknownClasses(_ line: String) throws {
        var rules = KernelRules()
        let error = #expect(throws: KernelRuleError.self) { try rules.add(file: "# rules\r\n\(line)\r\nwait b\r\n") }
        let description = try #require(error?.description)
        #expect(description.hasPrefix("line 2: '\(line)' is not a rule: write compute"), "\(description)")
        // Nothing of a file with an error is added.
        #expect(rules.rules.count == KernelRules().rules.count)
    }

    @Test("An invalid expression is an error of one line with its line number") func invalidExpressions() throws {
        var rules = KernelRules()
        let error = #expect(throws: KernelRuleError.self) { try rules.add(file: "wait a\n\nmemory (b\n") }
        let description = try #require(error?.description)
        #expect(description.hasPrefix("line 3: '(b' is not a regular expression"), "\(description)")
        #expect(!description.contains("\n"))
    }

    @Test("Arguments tell kernels with the same short name apart") func labels() throws {
        func work(_ name: String, _ start: Int) -> String {
            #"{"ph":"X","cat":"kernel","name":"\#(name)","ts":\#(start),"dur":1,"args":{"stream":7}}"#
        }
        let long = String(repeating: "n", count: 80)
        let names = ["void gemm<1>(int)", "void gemm<2>(int)", "void add<3>(int)", long]
        let text = "[" + names.enumerated().map { work($1, $0) }.joined(separator: ",") + "]"
        let kernels = try withTemporaryFile(text) { RankAnalysis(try RankTrace(path: $0)).kernels }
        let labels = KernelLabels(kernels)
        #expect(Set(kernels.map(labels.text)) == ["gemm<1>(int)", "gemm<2>(int)", "add", String(long.suffix(70))])
        let withArguments = kernels.filter { labels.arguments($0) != nil }
        #expect(Set(withArguments.map(\.name)) == Set(names.prefix(2)))
    }

    @Test(
        "The arguments are the part of a name after its short form",
        arguments: [
            ("void a::gemm<1, 2>(int*)", "<1, 2>(int*)"), ("gemm(int)", "(int)"), ("plain", ""), ("", ""),
            ("void (anonymous namespace)::k<1>(int)", "<1>(int)"),
        ])
    func arguments(_ name: String, _ arguments: String) {
        #expect(kernelArguments(name) == arguments)
    }
}
