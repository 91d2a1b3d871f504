import ProfilerTraces
import Testing

/// The figures that the real traces are known to give.
@Suite(.enabled(if: SharedData.isThere, Comment(rawValue: SharedData.absence)))
struct KnownFiguresTests {
    @Test func deepSeeksTrainingProfile() throws {
        let trace = try RankTrace(path: SharedData.path("deepseek_v3_train_rank0.json.gz"))
        #expect(trace.eventCount == 14_240 && trace.rank == 0 && trace.worldSize == 64)
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
        // The whole profile is one pair.
        #expect(analysis.pairs.map(\.name) == ["1F1B"] && analysis.pairs.first?.breakdown.overlap == all.overlap)
        #expect(analysis.annotations.count == 4)
        #expect(analysis.annotations.reduce(0) { $0 + $1.exposed } == all.exposed)
    }

    @Test func theA100Trace() throws {
        let analysis = RankAnalysis(try RankTrace(path: SharedData.path("a100_nccl_rank0.json.gz")))
        let share = try #require(analysis.breakdown.hiddenShare)
        #expect(Int((share * 100_000).rounded()) == 15_609)
        #expect(analysis.steps.count == 3)
        #expect(analysis.groups.first?.busBandwidth != nil)
    }

    @Test func holisticTraceAnalysissFigures() throws {
        func ranks(_ names: [String], _ last: Bool) throws -> [HolisticAnalysis.Rank] {
            try HolisticAnalysis(paths: names.map(SharedData.path), includesLastStep: last).ranks
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

    private func hundredths(_ share: Double?) -> Int? { share.map { Int(($0 * 10_000).rounded()) } }
}
