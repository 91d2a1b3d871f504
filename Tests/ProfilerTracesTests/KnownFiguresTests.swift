import ProfilerTraces
import Testing
import Timelines

/// The known figures of the recorded traces.
@Suite("Known figures of recorded traces", .enabled(if: RecordedTraces.folder != nil, "the recorded traces are absent"))
struct KnownFiguresTests {
    @Test("DeepSeek's training profile") func deepSeekTrainingProfile() throws {
        let trace = try RankTrace(path: RecordedTraces.path("deepseek_v3_train_rank0.json.gz"))
        #expect(trace.file.eventCount == 14_240 && trace.rank == 0 && trace.worldSize == 64)
        let analysis = RankAnalysis(trace)
        let all = analysis.breakdown
        #expect(all.span == 129_012_000 && all.busy == 128_515_000 && all.idle == 497_000)
        #expect(all.compute == 124_310_000 && all.communication == 113_440_000)
        #expect(all.overlap == 109_250_000 && all.exposed == 4_190_000)
        #expect(hundredths(all.hiddenShare) == 9631)
        func time(_ family: String) -> Int64? { analysis.families.first { $0.name == family }?.length }
        #expect(time("DeepEP combine") == 49_448_000 && time("DeepEP dispatch") == 31_004_000)
        #expect(time("DeepEP notify") == 32_578_000 && time("DeepEP layout") == 410_000)
        func hidden(_ range: String) -> Int? {
            hundredths(analysis.annotations.first { $0.name == range }?.hiddenShare)
        }
        #expect(hidden("dispatch(F)") == 9905 && hidden("combine(F)") == 9812)
        #expect(hidden("combine(B)") == 9370 && hidden("dispatch(B)") == 9367)
        // The whole profile is one overlapped pair.
        #expect(analysis.pairs.map(\.name) == ["1F1B"] && analysis.pairs.first?.breakdown.overlap == all.overlap)
        #expect(analysis.annotations.count == 4)
        #expect(analysis.annotations.reduce(0) { $0 + $1.exposed } == all.exposed)
    }

    @Test("An A100 trace with NCCL") func a100Trace() throws {
        let analysis = RankAnalysis(try RankTrace(path: RecordedTraces.path("a100_nccl_rank0.json.gz")))
        let share = try #require(analysis.breakdown.hiddenShare)
        #expect(Int((share * 100_000).rounded()) == 15_609)
        #expect(analysis.steps.count == 3)
        #expect(analysis.groups.first?.busBandwidth != nil)
    }

    @Test("The overlap figures equal those of HolisticTraceAnalysis") func holisticOverlap() throws {
        func ranks(_ names: [String], _ last: Bool) throws -> [HolisticAnalysis.Rank] {
            try HolisticAnalysis(paths: names.map(RecordedTraces.path), includesLastStep: last).ranks
        }
        let deepSeek = try #require(try ranks(["deepseek_v3_train_rank0.json.gz"], false).first)
        #expect(deepSeek.overlapPercent == nil && deepSeek.idle == 497 && deepSeek.compute == 128_500)
        #expect(deepSeek.nonCompute == 15 && deepSeek.kernel == 129_012 && deepSeek.percent(deepSeek.idle) == 0.39)
        let a100 = try ["a100_nccl_rank0.json.gz"].flatMap { try ranks([$0], false) + ranks([$0], true) }
        #expect(a100.map(\.overlapPercent) == [14.31, 15.14])
        #expect(a100.map(\.idle) == [338_781, 506_512] && a100.map(\.compute) == [75_169, 113_012])
        #expect(a100.map(\.kernel) == [435_586, 660_550])
        let two = ["two_ranks_rank0.json.gz", "two_ranks_rank1.json.gz"]
        #expect(try ranks(two, false).map(\.overlapPercent) == [11.81, 20.05])
        #expect(try ranks(two, true).map(\.overlapPercent) == [14.95, 19.93])
        #expect(try ranks(two, false).map(\.nonCompute) == [172_428, 136_455])
    }

    /// `TraceAnalysis(trace_files=…).get_idle_time_breakdown(ranks=[0, 1], visualize=False)`, HolisticTraceAnalysis 0.6.1.
    @Test("The idle times equal those of HolisticTraceAnalysis") func holisticIdleTimes() throws {
        let deepSeek = try HolisticAnalysis(paths: [RecordedTraces.path("deepseek_v3_train_rank0.json.gz")])
        #expect(
            deepSeek.idleTimes.map(Self.row) == [
                "0 27 host_wait 1107.0 0.09", "0 27 kernel_wait 131.0 0.01", "0 27 other 10756.0 0.9",
                "0 7 host_wait 417.0 0.04", "0 7 kernel_wait 1797.0 0.17", "0 7 other 8130.0 0.79",
                "0 23 host_wait 82308.0 0.94", "0 23 kernel_wait 13.0 0.0", "0 23 other 4900.0 0.06",
            ])
        let two = try HolisticAnalysis(paths: [0, 1].map { RecordedTraces.path("two_ranks_rank\($0).json.gz") })
        #expect(
            two.idleTimes.filter { $0.rank == 1 }.map(Self.row) == [
                "1 23 host_wait 596313.0 1.0", "1 23 kernel_wait 100.0 0.0", "1 23 other 0.0 0.0",
                "1 25 kernel_wait 9.0 0.0", "1 25 other 53028.0 1.0", "1 7 host_wait 156827.0 0.36",
                "1 7 kernel_wait 1816.0 0.0", "1 7 other 281064.0 0.64", "1 84 host_wait 251860.0 0.92",
                "1 84 other 23247.0 0.08", "1 203 other 0.0 NaN",
            ])
    }

    private static func row(_ idle: HolisticAnalysis.IdleTime) -> String {
        "\(idle.rank) \(idle.stream) \(idle.cause.name) \(idle.time) \(idle.ratio.map { "\($0)" } ?? "NaN")"
    }

    private func hundredths(_ share: Double?) -> Int? { share.map { Int(($0 * 10_000).rounded()) } }
}
