import ProfilerTraces
import TestSupport
import Testing
import Timelines

@Suite("Analysis of one rank") struct RankAnalysisTests {
    /// The expected figures were computed by hand. Computation is at 10-50, 60-80 and 140-160 µs, communication at
    /// 40-70 and 120-150, a copy at 165-170.
    @Test("The small trace has the figures computed by hand") func smallTrace() throws {
        let trace = try RankTrace(path: try fixture("small.json"))
        let analysis = RankAnalysis(trace)
        let all = analysis.breakdown
        #expect(all.span == 160_000 && all.busy == 115_000 && all.idle == 45_000)
        #expect(all.compute == 80_000 && all.communication == 60_000 && all.memory == 5000)
        #expect(all.overlap == 30_000 && all.exposed == 30_000 && all.hiddenShare == 0.5)
        #expect(analysis.annotations.map(\.name) == ["combine(F)", "dispatch(F)"])
        #expect(analysis.annotations.map(\.exposed) == [20_000, 10_000])
        #expect(analysis.groups.map(\.name) == ["allreduce in group 0 default_pg", "(unknown group)"])
        #expect(analysis.groups.first?.bytes == 4000)
        // 4000 bytes cross the link 1.5 times in 30 µs.
        #expect(analysis.groups.first?.busBandwidth == 2e8)
        #expect(analysis.steps.map(\.number) == [1, 2])
        #expect(analysis.steps.map(\.breakdown.span) == [70_000, 50_000])
        // The gap 80-120 ends with work launched at 115-117: 37 µs are the host's and 3 the launch's. The work after
        // the gap 160-165 was launched long before, and all 5 µs are the launch's.
        #expect(analysis.idle.host == 37_000 && analysis.idle.launch == 8000 && analysis.idle.dependency == 0)
        #expect(analysis.kernels.map(\.count) == [3, 1, 1, 1])
        let titles = analysis.findings.map(\.title)
        #expect(titles.first == "the device waits for the host to launch work")
        #expect(titles.contains("exposed communication of combine(F)"))
    }

    @Test("A range that contains a forward and a backward range is a pair") func pairsByTheirRanges() throws {
        func range(_ name: String, _ start: Int, _ length: Int) -> String {
            #"{"ph":"X","cat":"user_annotation","name":"\#(name)","pid":1,"tid":1,"ts":\#(start),"dur":\#(length)}"#
        }
        func work(_ name: String, _ stream: Int, _ start: Int, _ length: Int) -> String {
            #"{"ph":"X","cat":"kernel","name":"\#(name)","ts":\#(start),"dur":\#(length),"args":{"stream":\#(stream)}}"#
        }
        let events = [
            range("pair", 0, 100), range("dispatch(F)", 5, 10), range("mlp(B)", 20, 10),
            range("pair", 100, 100), range("dispatch(F)", 105, 10), range("mlp(F)", 120, 10),
            work("gemm", 7, 10, 30), work("deep_ep::dispatch", 8, 20, 40), work("gemm", 7, 150, 10),
        ]
        let analysis = try withTemporaryFile("[" + events.joined(separator: ",") + "]") {
            RankAnalysis(try RankTrace(path: $0))
        }
        #expect(analysis.pairs.map(\.start) == [0])
        #expect(analysis.pairs.first?.breakdown.overlap == 20_000 && analysis.pairs.first?.breakdown.exposed == 20_000)
    }

    @Test("Alternating forward and backward ranges are a pair, others are not") func pairsByAlternation() throws {
        func events(_ names: [String]) -> String {
            let ranges = names.enumerated().map { index, name in
                #"{"ph":"X","cat":"user_annotation","name":"\#(name)","pid":1,"tid":1,"ts":\#(10 * index),"dur":9}"#
            }
            let work = [
                #"{"ph":"X","cat":"kernel","name":"gemm","ts":52,"dur":20,"args":{"stream":7}}"#,
                #"{"ph":"X","cat":"kernel","name":"deep_ep::dispatch","ts":62,"dur":30,"args":{"stream":8}}"#,
            ]
            return "[" + (ranges + work).joined(separator: ",") + "]"
        }
        let lone = Array(repeating: "mlp(F)", count: 5)
        let overlapped = ["combine(B)", "attn(F)", "mlp(B)", "mlp(W)", "dispatch(F)", "attn(B)", "combine(F)"]
        let back = Array(repeating: "mlp(B)", count: 5)
        let pairs = try withTemporaryFile(events(lone + overlapped + back)) {
            RankAnalysis(try RankTrace(path: $0)).pairs
        }
        // The pair starts after the five forwards.
        #expect(pairs.map(\.start) == [50_000])
        #expect(pairs.first?.breakdown.overlap == 10_000 && pairs.first?.breakdown.exposed == 20_000)
        let apart = try withTemporaryFile(events(lone + back)) { RankAnalysis(try RankTrace(path: $0)).pairs }
        #expect(apart.isEmpty)
    }

    @Test("Low-latency exchanges are measured between their sending and receiving kernels")
    func inFlightExchanges() throws {
        func work(_ name: String, _ stream: Int, _ start: Int, _ length: Int) -> String {
            #"{"ph":"X","cat":"kernel","name":"\#(name)","ts":\#(start),"dur":\#(length),"args":{"stream":\#(stream)}}"#
        }
        let (dispatch, combine) = ("deep_ep::internode_ll::dispatch<true>", "deep_ep::internode_ll::combine<false>")
        let halves = [
            work(dispatch, 7, 0, 10), work("gemm", 7, 10, 30), work(dispatch, 7, 50, 10),
            work(combine, 7, 100, 5), work("gemm", 7, 110, 20), work(combine, 7, 130, 5),
        ]
        let analysis = try withTemporaryFile("[" + halves.joined(separator: ",") + "]") {
            RankAnalysis(try RankTrace(path: $0))
        }
        #expect(analysis.inFlight.map(\.name) == ["low-latency dispatch", "low-latency combine"])
        #expect(analysis.inFlight.map(\.count) == [1, 1])
        #expect(analysis.inFlight.map(\.time) == [40_000, 25_000])
        #expect(analysis.inFlight.map(\.hidden) == [30_000, 20_000])
        let whole = [
            work(dispatch, 7, 0, 10), work(combine, 7, 20, 10), work(dispatch, 7, 50, 10), work(combine, 7, 70, 9),
        ]
        let other = try withTemporaryFile("[" + whole.joined(separator: ",") + "]") {
            RankAnalysis(try RankTrace(path: $0))
        }
        #expect(other.inFlight.isEmpty)
    }

    @Test("Operations of several kinds that run at the same time each have their own time") func concurrentParts()
        throws
    {
        var events = KinetoEvents()
        for (index, name) in ["ncclDevKernel_AllReduce", "void deep_ep::intranode::dispatch<8>()"].enumerated() {
            events.kernel(name, 1000, 1000, stream: 20 + index)
        }
        events.kernel("gemm", 1500, 100)
        // Two operations of one kind overlap, and count once.
        events.kernel("ncclDevKernel_AllReduce", 1500, 1000, stream: 30)
        let analysis = RankAnalysis(try events.trace())
        let families = Dictionary(uniqueKeysWithValues: analysis.families.map { ($0.name, [$0.time, $0.exposed]) })
        #expect(families == ["NCCL all-reduce": [1_500_000, 1_400_000], "DeepEP dispatch": [1_000_000, 900_000]])
        #expect(analysis.breakdown.communication == 1_500_000 && analysis.breakdown.exposed == 1_400_000)
    }

    @Test("A window clips the work at its borders") func windowClipsWork() throws {
        let trace = try RankTrace(path: try fixture("small.json"))
        let analysis = RankAnalysis(trace, window: 35_000..<115_000)
        // 45 to 125 µs on the trace's own clock.
        #expect(analysis.window == 45_000..<125_000)
        #expect(analysis.breakdown.compute == 25_000 && analysis.breakdown.communication == 30_000)
        #expect(analysis.breakdown.overlap == 15_000 && analysis.breakdown.memory == 0)
        let outside = RankAnalysis(trace, window: 900_000..<1_000_000)
        #expect(outside.window == nil && outside.breakdown == TimeBreakdown())
    }

    @Test("A trace without communication has no hidden share") func traceWithoutCommunication() throws {
        let text = #"[{"ph":"X","cat":"kernel","name":"a","ts":1,"dur":2,"pid":0,"tid":7,"args":{"stream":7}}]"#
        let analysis = try withTemporaryFile(text) { RankAnalysis(try RankTrace(path: $0)) }
        #expect(analysis.breakdown.hiddenShare == nil && analysis.breakdown.communication == 0)
        #expect(analysis.families.isEmpty && analysis.annotations.isEmpty)
        #expect(RankAnalysis(RankTrace()).breakdown.span == 0)
    }

    @Test("The times equal a count over microseconds, those of parts too") func timesEqualACount() throws {
        var generator = SeededGenerator(11)
        for _ in 0..<60 {
            let length = 300
            var bits = [[Bool]](repeating: [Bool](repeating: false, count: length), count: 3)
            var events: [String] = []
            // The times of each operation of communication, by stream.
            var operations: [String: Range<Int>] = [:]
            for index in 0..<Int.random(in: 1...40, using: &generator) {
                let kind = Int.random(in: 0..<3, using: &generator)
                let start = Int.random(in: 0..<250, using: &generator)
                let duration = Int.random(in: 0...40, using: &generator)
                for time in start..<start + duration { bits[kind][time] = true }
                let name = ["gemm\(index % 3)", "ncclDevKernel_AllReduce\(index % 2)", "Memset"][kind]
                let category = kind == 2 ? "gpu_memset" : "kernel"
                // Each event is on a stream of its own, since the events of a stream do not overlap.
                let stream = index
                if kind == 1, duration > 0 { operations["stream \(stream)"] = start..<start + duration }
                events.append(
                    #"{"ph":"X","cat":"\#(category)","name":"\#(name)","ts":\#(start),"dur":\#(duration),"#
                        + #""args":{"device":0,"stream":\#(stream),"correlation":\#(index)}}"#)
            }
            let trace = try withTemporaryFile("[" + events.joined(separator: ",") + "]") { try RankTrace(path: $0) }
            let analysis = RankAnalysis(trace)
            func count(_ isIn: (Int) -> Bool) -> Int64 { 1000 * Int64((0..<length).count(where: isIn)) }
            let all = analysis.breakdown
            #expect(all.compute == count { bits[0][$0] })
            #expect(all.communication == count { bits[1][$0] })
            #expect(all.memory == count { bits[2][$0] })
            #expect(all.overlap == count { bits[0][$0] && bits[1][$0] })
            #expect(all.busy == count { bits[0][$0] || bits[1][$0] || bits[2][$0] })
            #expect(analysis.idle.total == all.idle)
            // All operations are of one family.
            #expect(analysis.families.allSatisfy { $0.time == all.communication && $0.exposed == all.exposed })
            func exposed(_ times: Range<Int>) -> Int64 { 1000 * Int64(times.count { !bits[0][$0] }) }
            #expect(Set(analysis.streams.map(\.name)) == Set(operations.keys))
            for part in analysis.streams {
                let times = try #require(operations[part.name])
                #expect(part.time == 1000 * Int64(times.count) && part.exposed == exposed(times))
            }
            #expect(
                analysis.kernels.reduce(0) { $0 + $1.exposed } == operations.values.reduce(0) { $0 + exposed($1) })
        }
    }
}
