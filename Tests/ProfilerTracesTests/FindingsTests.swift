import ProfilerTraces
import TestSupport
import Testing
import Timelines

@Suite("Findings") struct FindingsTests {
    /// A trace with one all-reduce per start. Times are in microseconds; each all-reduce ends `end` after the last full
    /// millisecond before its start.
    private func rank(_ rank: Int, starts: [Int], end: Int) throws -> RankTrace {
        let events = starts.map {
            #"{"ph":"X","cat":"kernel","name":"ncclDevKernel_AllReduce","pid":0,"tid":7,"ts":\#($0),"#
                + #""dur":\#($0 / 1000 * 1000 + end - $0),"args":{"stream":7}}"#
        }
        let text = #"{"distributedInfo":{"rank":\#(rank)},"traceEvents":["# + events.joined(separator: ",") + "]}"
        return try withTemporaryFile(text) { try RankTrace(path: $0) }
    }

    @Test("The findings of a rank have the exposed or idle time, by size, with evidence") func oneRank() throws {
        let findings = RankAnalysis(try RankTrace(path: try fixture("small.json"))).findings
        #expect(
            findings.map(\.title) == [
                "the device waits for the host to launch work", "exposed communication of combine(F)",
                "exposed communication of dispatch(F)", "gaps of up to 0.010 ms between launched kernels",
            ])
        #expect(findings.map(\.time) == [37_000, 20_000, 10_000, 8000])
        #expect(findings.map { ($0.share * 160).rounded() } == [37, 20, 10, 8])
        #expect(findings.allSatisfy { $0.rank == 3 })
        #expect(findings[0].evidence == ["0.045 ms idle in total"])
        #expect(
            findings[1].evidence == [
                "1 operation, 0.030 ms in total, 33.33 % hidden",
                "the most exposed operation starts at 0.110 ms and is exposed for 0.020 ms",
            ])
    }

    @Test("The same finding on several ranks is one finding with the mean time and the longest rank's evidence")
    func severalRanks() throws {
        let traces = [try rank(0, starts: [1000], end: 40), try rank(1, starts: [1000, 2000], end: 40)]
        let findings = RunAnalysis(traces).findings
        let exposed = try #require(findings.first { $0.title == "exposed communication of NCCL all-reduce" })
        #expect(exposed.time == 60_000 && exposed.rank == nil)
        #expect(
            exposed.evidence == [
                "on 2 of 2 ranks, longest on rank 1: 0.080 ms",
                "rank 1: 2 operations, 0.080 ms in total, 0.00 % hidden",
                "rank 1: the most exposed operation starts at 0.000 ms and is exposed for 0.040 ms",
            ])
    }

    @Test("A rank for which the others wait longer than on average is a straggler") func stragglers() throws {
        // Rank 1 starts two of three collectives 500 µs late, rank 2 starts the third 10 µs late.
        let traces = [
            try rank(0, starts: [1000, 2000, 3000], end: 600), try rank(1, starts: [1500, 2500, 3000], end: 600),
            try rank(2, starts: [1000, 2000, 3010], end: 600),
        ]
        let late = RunAnalysis(traces).findings.filter { $0.title.contains("starts collectives last") }
        #expect(late.map(\.title) == ["rank 1 starts collectives last and the other ranks wait for it"])
        // Both others wait 1000 µs.
        #expect(late.map(\.time) == [1_000_000])
        #expect(late.map(\.evidence) == [["last in 2 of 3 matched collectives"]])
    }

    @Test("Ranks for which the others wait equally long are no stragglers") func noStragglers() throws {
        let traces = [try rank(0, starts: [1000, 2500], end: 600), try rank(1, starts: [1500, 2000], end: 600)]
        let run = RunAnalysis(traces)
        #expect(run.waiting.map(\.causedWait) == [500_000, 500_000])
        #expect(!run.findings.contains { $0.title.contains("starts collectives last") })
    }

    @Test("Communication on the stream that computes is named as the cause of its exposure") func computeStream() throws
    {
        var events = KinetoEvents()
        for step in 0..<5 {
            events.kernel("gemm", 1000 + 200 * step, 100)
            events.kernel("ncclDevKernel_AllReduce", 1100 + 200 * step, 100)
        }
        let findings = RankAnalysis(try events.trace()).findings
        #expect(
            findings.map(\.title) == [
                "communication on the stream that computes cannot be hidden",
                "exposed communication of NCCL all-reduce",
            ])
        #expect(findings.map(\.time) == [500_000, 500_000])
        #expect(findings[0].evidence[0].hasPrefix("all communication is on stream 7, with 100.00 % of the computation"))
    }

    @Test("A stream that only rounds for its communication is not the stream that computes") func otherStream() throws {
        var events = KinetoEvents()
        events.kernel("gemm", 1000, 500)
        events.kernel("cast", 1500, 10, stream: 20)
        events.kernel("ncclDevKernel_AllReduce", 1510, 100, stream: 20)
        events.kernel("ncclDevKernel_AllReduce", 1610, 50)
        let rank = RankAnalysis(try events.trace())
        #expect(rank.onComputeStream?.stream == "stream 7" && rank.onComputeStream?.exposed == 50_000)
        #expect(rank.onComputeStream?.communicationShare == 50.0 / 150)
    }

    @Test("Kernels that no rule knows and that look like communication are a finding with the remedy")
    func unknownCommunication() throws {
        var events = KinetoEvents()
        events.kernel("gemm", 1000, 500)
        events.kernel("void engine::fast_all_reduce<8>(int*)", 1500, 30)
        events.kernel("void engine::push(ncclDevComm)", 1530, 20)
        events.kernel("exchange", 1550, 10, #","Collective name":"allreduce","Process Group Name":"0""#)
        // These are known, or do not look like communication.
        events.kernel("triton_poi_fused_all_reduce_0", 1560, 10)
        events.kernel("void dispatch_layout_gemm<1>(int)", 1570, 10)
        let finding = try #require(RankAnalysis(try events.trace()).findings.last)
        #expect(
            finding.title == "kernels that look like communication count as computation, since no rule knows them")
        #expect(finding.time == 60_000)
        #expect(
            finding.evidence == [
                "1 x engine::fast_all_reduce, 0.030 ms in total", "1 x engine::push, 0.020 ms in total",
                "1 x exchange, 0.010 ms in total",
                "if they communicate: --communication 'engine::fast_all_reduce', or --rules with a file of rules",
            ])
    }

    @Test("A kernel that computes and communicates counts as computation, with a note") func fusedKernels() throws {
        var events = KinetoEvents()
        events.kernel("MatmulAllReduce", 1000, 500)
        let rank = RankAnalysis(try events.trace())
        #expect(rank.breakdown.compute == 500_000)
        #expect(
            rank.notes.map(\.text) == ["1 kernel of 0.500 ms both computes and communicates and counts as computation"])
    }

    @Test("The bubble of each phase is a finding with its parts and the rank with the longest") func pipelines() throws
    {
        let run = RunAnalysis(try RankTrace.ranks(path: try fixture("run/timeline.json.gz")))
        let bubbles = run.findings.filter { $0.title.hasPrefix("pipeline bubble in the ") }
        let pipeline = try #require(run.pipeline)
        #expect(!bubbles.isEmpty)
        for finding in bubbles {
            let phase = try #require(PipelinePhase.allCases.first { finding.title.hasSuffix(" \($0.name) phase") })
            let times = pipeline.ranks.map { $0.bubbles[phase.rawValue].total }
            #expect(finding.time == times.reduce(0, +) / 4)
            let longest = try #require(times.firstIndex(of: times.max() ?? 0))
            #expect(finding.evidence.last == "longest on rank \(longest): \(milliseconds(times[longest])) ms")
        }
    }

    @Test(
        "Times have three decimals of a millisecond, rounded half away from zero",
        arguments: [
            (0, "0.000"), (499, "0.000"), (500, "0.001"), (-500, "-0.001"), (1_234_567, "1.235"),
            (-1_234_567, "-1.235"), (60_000_000_000, "60000.000"),
        ] as [(Int64, String)])
    func times(_ nanoseconds: Int64, _ text: String) { #expect(milliseconds(nanoseconds) == text) }

    @Test(
        "Shares have two decimals of a percent, and a missing share is a dash",
        arguments: [(0, "0.00"), (0.5, "50.00"), (0.123456, "12.35"), (1, "100.00"), (nil, "-"), (.nan, "-")]
            as [(Double?, String)])
    func shares(_ share: Double?, _ text: String) { #expect(percentage(share) == text) }
}
