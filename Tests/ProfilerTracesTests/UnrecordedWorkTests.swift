import ProfilerTraces
import TestSupport
import Testing
import Timelines

/// Work that a profiler recorded in part, or under names of other devices.
@Suite("Work that is not recorded") struct UnrecordedWorkTests {
    @Test("A CUDA graph that Nsight recorded as one block is busy, with a note") func graphBlocks() throws {
        let traces = try RankTrace.ranks(path: try fixture("graphs.sqlite"))
        let run = RunAnalysis(traces)
        let breakdown = run.total
        #expect(breakdown.span == 900_000 && breakdown.busy == 800_000 && breakdown.unknown == 600_000)
        #expect(breakdown.compute == 100_000 && breakdown.exposed == 100_000)
        #expect(run.notes.map(\.note) == [TraceNote(.graphBlocks, count: 1, time: 600_000)])
        #expect(run.notes.first?.note.text.hasSuffix("nsys profile --cuda-graph-trace=node") ?? false)
        #expect(traces.map(\.launchOfSpan) == [[0, 1, 2]] && traces[0].part == nil)
    }

    @Test("An Nsight report without processes has a rank per device") func reportsWithoutProcesses() throws {
        let traces = try RankTrace.ranks(path: try fixture("devices.sqlite"))
        #expect(traces.map(\.part?.name) == ["device 0", "device 1"])
        let ranks = RunAnalysis(traces).ranks
        #expect(
            ranks.map(\.breakdown.compute) == [1000, 2000] && ranks.map(\.breakdown.communication) == [2000, 1000])
        #expect(ranks.map(\.breakdown.memory) == [0, 500] && ranks.allSatisfy { $0.breakdown.overlap == 0 })
        #expect(traces.map(\.launches.count) == [2, 1])
        #expect(traces[0].timeline.events.map(\.name) == ["gemm", "ncclDevKernel_AllReduce"])
    }

    @Test("Launches of graphs without kernels are noted") func graphLaunches() throws {
        let trace = try #require(
            try TraceText.read([
                TraceText.call("cudaGraphLaunch", at: "1", number: 1),
                TraceText.call("cudaGraphLaunch", at: "2", number: 2),
                TraceText.call("hipGraphLaunch", at: "3", number: 3), TraceText.call(at: "4", number: 4),
                TraceText.work(TraceText.gemm, at: "10", "5", number: 2),
            ]
            ).first)
        #expect(trace.notes == [TraceNote(.graphLaunches, count: 2)])
    }

    @Test(
        "The calls of every device's runtime launch work",
        arguments: [
            "xpu_runtime", "xpu_driver", "mtia_runtime", "mlu_runtime", "hpu_op", "hpu_runtime", "privateuse1_runtime",
            "privateuse1_driver", "gcu_runtime", "musa_runtime", "runtime", "driver", "cuda_driver",
        ])
    func runtimes(_ category: String) throws {
        let name = category == "cuda_driver" ? "cuLaunchKernelEx" : "urEnqueue"
        let trace = try #require(
            try TraceText.read([
                TraceText.call(name, at: "10", number: 1, category: category),
                TraceText.work("a", at: "20", "5", number: 1),
            ]
            ).first)
        #expect(trace.launches.map(\.start) == [10_000] && trace.launchOfSpan == [0])
    }

    @Test(
        "Events of other categories launch nothing", arguments: ["cpu_op", "overhead", "python_function", "runtimes"])
    func otherCategories(_ category: String) throws {
        let trace = try #require(
            try TraceText.read([
                TraceText.call(at: "10", number: 1, category: category), TraceText.work("a", at: "20", "5", number: 1),
            ]
            ).first)
        #expect(trace.launches.isEmpty)
    }

    @Test("The device events of MTIA are work") func deviceEventsOfMTIA() throws {
        let trace = try #require(
            try TraceText.read([TraceText.work("job_exe", at: "20", "5", category: "mtia_ccp_events")]).first)
        #expect(RankAnalysis(trace).breakdown.busy == 5000)
    }
}
