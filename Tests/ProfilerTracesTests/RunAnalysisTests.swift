import ProfilerTraces
import TestSupport
import Testing
import Timelines

@Suite("Analysis of all ranks") struct RunAnalysisTests {
    /// Returns traces of ranks with known clock offsets, which start each all-reduce late by a known time.
    private func lateRanks(_ offsets: [Int], lateness: (Int, Int) -> Int) throws -> [RankTrace] {
        try offsets.indices.map { rank in
            let events = (0..<20).map { step in
                let begin = 1000 * step + lateness(rank, step)
                let end = 1000 * step + 700 + (offsets.indices.map { lateness($0, step) }.max() ?? 0)
                return #"{"ph":"X","cat":"kernel","name":"ncclDevKernel_AllReduce","pid":0,"tid":7,"#
                    + #""ts":\#(begin + offsets[rank]),"dur":\#(end - begin),"args":{"stream":7,"device":0,"#
                    + #""correlation":\#(step),"Collective name":"allreduce","Process Group Name":"0"}}"#
            }
            let text = #"{"distributedInfo":{"rank":\#(rank)},"traceEvents":["# + events.joined(separator: ",") + "]}"
            return try withTemporaryFile(text) { try RankTrace(path: $0) }
        }
    }

    @Test("Clock offsets and waiting are found from collectives") func clocksAndWaiting() throws {
        let offsets = [0, 12_345, -777, 1_000_000]
        // Rank 2 is always 300 µs late.
        let run = RunAnalysis(try lateRanks(offsets) { rank, _ in rank == 2 ? 300 : 10 * rank })
        #expect(run.clocks.map(\.offset) == offsets.map { Int64($0) * 1000 })
        #expect(run.clocks.dropFirst().allSatisfy { $0.uncertainty == 0 && $0.matches == 20 })
        #expect(run.collectives.count == 20 && run.collectives.allSatisfy { $0.skew == 300_000 && $0.latest == 2 })
        #expect(run.waiting.map(\.waited) == [6_000_000, 5_800_000, 0, 5_400_000])
        #expect(run.waiting.map(\.stragglerCount) == [0, 0, 20, 0])
        #expect(run.waiting[2].causedWait == 17_200_000)
        #expect(run.waiting.allSatisfy { $0.transferred == 14_000_000 })
    }

    @Test("Collectives outside of the window do not count as waiting") func waitingInWindow() throws {
        let traces = try lateRanks([0, 0]) { rank, _ in rank == 1 ? 300 : 0 }
        // Each rank's window begins with its first start, so that the window of rank 1 cuts nothing off.
        let run = RunAnalysis(traces, window: 5_000_000..<10_000_000)
        #expect(run.collectives.count == 5)
        #expect(run.waiting.map(\.waited) == [1_500_000, 0] && run.waiting.map(\.stragglerCount) == [0, 5])
        #expect(run.waiting[1].causedWait == 1_500_000)
        // Half of the first rank's wait for the collective at 5 ms lies in this window.
        let part = RunAnalysis(traces, window: 5_150_000..<5_600_000)
        #expect(part.collectives.count == 1 && part.waiting.map(\.waited) == [150_000, 0])
    }

    @Test("Collectives that cannot be matched are dropped") func unmatchedCollectives() throws {
        var traces = try lateRanks([0, 0]) { _, _ in 0 }
        let alone = RunAnalysis([traces[0]])
        #expect(alone.collectives.isEmpty && alone.clocks.first?.uncertainty == nil)
        let shorter = try withTemporaryFile(
            #"[{"ph":"X","cat":"kernel","name":"ncclDevKernel_AllReduce","ts":1,"dur":2,"args":{"stream":7}}]"#
        ) { try RankTrace(path: $0) }
        traces[1] = shorter
        #expect(RunAnalysis(traces).collectives.isEmpty)
    }

    @Test("Ranks are merged into one timeline on one clock") func mergedTimeline() throws {
        let traces = try lateRanks([0, 5000]) { _, _ in 0 }
        let merged = RunAnalysis.mergedTimeline(traces)
        #expect(merged.ranks == [0, 1] && merged.spans.count == 40)
        #expect(merged.extent?.lowerBound == 0)
        #expect(ClassTimes(merged, rank: 0).breakdown == ClassTimes(merged, rank: 1).breakdown)
        let starts = merged.spans.map(\.start)
        #expect(Array(starts[..<20]) == Array(starts[20...]))
    }

    @Test("Traces with origins are on one clock, others without collectives are not") func origins() throws {
        func rank(_ number: Int, base: String, start: Int) throws -> RankTrace {
            let text =
                #"{"distributedInfo":{"rank":\#(number)}\#(base),"traceEvents":[{"ph":"X","cat":"kernel","name":"gemm","#
                + #""pid":0,"tid":7,"ts":\#(start),"dur":1000,"args":{"stream":7,"device":0}}]}"#
            return try withTemporaryFile(text) { try RankTrace(path: $0) }
        }
        let traces = [
            try rank(0, base: #","baseTimeNanoseconds":1700000000000000000"#, start: 1000),
            try rank(1, base: #","baseTimeNanoseconds":1700000000005000000"#, start: -3000),
        ]
        let starts = RunAnalysis.mergedTimeline(traces).spans.map(\.start)
        #expect(starts == [0, 1_000_000] && RunAnalysis(traces).shifts(traces) != nil)
        let others = [try rank(0, base: "", start: 1000), try rank(1, base: "", start: 2000)]
        #expect(RunAnalysis(others).shifts(others) == nil)
    }

    @Test("A run compared with itself has no differences, and a slower run has") func comparison() throws {
        let run = RunAnalysis(try lateRanks([0, 0]) { rank, _ in rank })
        let same = RunComparison(run, against: run)
        #expect(!same.classes.isEmpty && !same.kernels.isEmpty && !same.ranges.isEmpty)
        #expect((same.classes + same.kernels + same.ranges).allSatisfy { $0.difference == 0 })
        let slower = RunAnalysis(try lateRanks([0, 0]) { rank, _ in 100 * rank })
        let comparison = RunComparison(slower, against: run)
        #expect(comparison.kernels.first?.name == "ncclDevKernel_AllReduce")
        #expect((comparison.kernels.first?.difference ?? 0) > 0)
    }
}
