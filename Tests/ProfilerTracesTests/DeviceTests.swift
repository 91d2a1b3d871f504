import ProfilerTraces
import TestSupport
import Testing
import Timelines

/// Files with the work of several devices or processes.
@Suite("Several devices in one file") struct DeviceTests {
    /// Computation on one device while the other communicates, so that their union would hide all communication.
    private func alternating(process: (Int) -> String) -> [String] {
        (0..<2).flatMap { device -> [String] in
            let (first, second) =
                device == 0 ? (TraceText.gemm, TraceText.allReduce) : (TraceText.allReduce, TraceText.gemm)
            return [
                TraceText.work(first, process: process(device), device: device, at: "1000", "100"),
                TraceText.work(second, process: process(device), device: device, at: "1100", "100"),
            ]
        }
    }

    @Test(
        "Each device of a file is a rank, filed under its number or under the process",
        arguments: [nil, "11", "\"gpus\""])
    func devicesAreRanks(_ process: String?) throws {
        // The second device comes first in the file.
        let traces = try TraceText.read(alternating { process ?? String($0) }.reversed())
        #expect(traces.map(\.rank) == [0, 1] && traces.map(\.part?.name) == ["device 0", "device 1"])
        let run = RunAnalysis(traces)
        #expect(run.ranks.map(\.breakdown.compute) == [100_000, 100_000])
        #expect(run.ranks.map(\.breakdown.exposed) == [100_000, 100_000])
        #expect(run.ranks.map(\.breakdown.hiddenShare) == [0, 0] && run.notes.isEmpty)
        #expect(run.collectives.count == 1)
        // The devices of a process have one clock, so the collective that ends later on one device proves no offset.
        #expect(run.clocks.map(\.offset) == [0, 0])
        #expect(traces.allSatisfy { $0.timeline.lanes.map(\.name) == ["stream 7"] })
    }

    @Test("A file of one device is one rank without a part, whether or not events name the device") func oneDevice()
        throws
    {
        let events = [
            TraceText.work(TraceText.gemm, at: "1", "2"), TraceText.work(TraceText.gemm, device: nil, at: "5", "2"),
            TraceText.work(TraceText.gemm, device: nil, stream: 8, at: "9", "2"),
        ]
        let traces = try TraceText.read(events)
        #expect(traces.count == 1 && traces[0].part == nil)
        #expect(traces[0].timeline.lanes.map(\.name) == ["stream 7", "stream 8"])
        #expect(traces[0].timeline.spans.count == 3)
    }

    /// Two ranks, each with device 0 and the correlation number 1.
    private func merged(_ processes: [(host: String, device: String)]) -> [String] {
        processes.enumerated().flatMap { rank, process in
            [
                TraceText.call(process: process.host, at: String(900 + 50 * rank), number: 1),
                TraceText.work(TraceText.gemm, process: process.device, at: String(1000 + 10 * rank), "100", number: 1),
            ]
        }
    }

    @Test("Merged ranks with one device number are ranks, each linked to the launches of its own process")
    func mergedRanks() throws {
        let cases: [([(host: String, device: String)], [String?])] = [
            ([("11", "11"), ("12", "12")], ["process 11, device 0", "process 12, device 0"]),
            (
                [("\"[TP01] 12\"", "\"[TP01] 0\""), ("\"[TP00] 11\"", "\"[TP00] 0\"")],
                ["process [TP00] 0, device 0", "process [TP01] 0, device 0"]
            ),
            ([("11", "100"), ("12", "200")], ["process 100, device 0", "process 200, device 0"]),
        ]
        for (processes, names) in cases {
            let traces = try TraceText.read(merged(processes))
            #expect(traces.map(\.part?.name) == names)
            for trace in traces {
                let delay = try #require(trace.timeline.spans.first).start - #require(trace.launches.first).start
                // Of rank 0 in the file 100 µs, of rank 1 60 µs.
                #expect([100_000, 60_000].contains(delay) && trace.launches.count == 1)
            }
            #expect(Set(traces.compactMap { $0.launches.first?.start }).count == 2)
        }
    }

    @Test("Processes on one device are separated by their launches, or refused if their numbers collide")
    func processesOfOneDevice() throws {
        func events(numbers: [Int]) -> [String] {
            zip(["11", "12"], numbers).flatMap { process, number in
                [
                    TraceText.call(process: process, at: "900", number: number),
                    TraceText.work(
                        process == "11" ? TraceText.gemm : TraceText.allReduce, stream: 7, at: "1000", "100",
                        number: number),
                ]
            }
        }
        let traces = try TraceText.read(events(numbers: [1, 2]))
        #expect(traces.map(\.part?.name) == ["process 11, device 0", "process 12, device 0"])
        #expect(RunAnalysis(traces).total.overlap == 0)
        let error = #expect(throws: TraceReadError.self) { try TraceText.read(events(numbers: [1, 1])) }
        #expect(error?.reason.contains("work of 2 processes on device 0") ?? false)
        #expect(error?.reason.hasSuffix("give one trace per process") ?? false)
    }

    @Test("A reader of one rank refuses a file of several devices") func readerOfOneRank() throws {
        try withTemporaryFile("[" + alternating { String($0) }.joined(separator: ",") + "]") { path in
            let error = #expect(throws: TraceReadError.self) { try RankTrace(path: path) }
            #expect(error?.reason.hasPrefix("holds 2 devices") ?? false)
            let analysis = try HolisticAnalysis(paths: [path])
            #expect(analysis.unions.map(\.devices) == [2] && analysis.ranks.map(\.overlapPercent) == [100])
        }
    }

    @Test("Each device has its own name") func names() throws {
        let text =
            #"{"deviceProperties":[{"id":0,"name":"A"},{"id":1,"name":"B"}],"traceEvents":["#
            + alternating { String($0) }.joined(separator: ",") + "]}"
        let traces = try withTemporaryFile(text) { try RankTrace.ranks(path: $0) }
        #expect(traces.map(\.device) == ["A", "B"])
    }
}
