import ProfilerTraces
import TestSupport
import Testing

/// Rules of HolisticTraceAnalysis that the recorded traces do not exercise one at a time.
@Suite("HolisticTraceAnalysis's rules") struct HolisticTests {
    private func event(_ category: String, _ start: Int, _ duration: Int, _ arguments: String) -> String {
        #"{"ph":"X","cat":"\#(category)","name":"a","pid":1,"tid":1,"ts":\#(start),"dur":\#(duration),"args":{\#(arguments)}}"#
    }

    private func analysis(_ events: [String]) throws -> HolisticAnalysis {
        try withTemporaryFile("[" + events.joined(separator: ",") + "]") { try HolisticAnalysis(paths: [$0]) }
    }

    @Test("Idle time is divided into host wait, kernel wait and other") func idleTimeByCause() throws {
        func kernel(_ correlation: Int, _ start: Int, _ duration: Int) -> String {
            event("kernel", start, duration, #""stream":7,"correlation":\#(correlation)"#)
        }
        func call(_ correlation: Int, _ start: Int) -> String {
            event("cuda_runtime", start, 1, #""correlation":\#(correlation)"#)
        }
        let events = [
            event("cpu_op", 0, 1, ""), call(1, 5), kernel(1, 10, 10),
            // The trace has no call of this kernel, so the file's first event counts as its call.
            kernel(2, 25, 5),
            // Launched after the previous kernel had ended.
            call(3, 35), kernel(3, 50, 10),
            // Launched before the previous kernel ended, but started late.
            call(4, 40), kernel(4, 100, 1),
        ]
        let idle = try analysis(events).idleTimes
        #expect(idle.map(\.cause) == [.hostWait, .kernelWait, .other])
        #expect(idle.map(\.time) == [20, 5, 40])
        #expect(idle.map(\.ratio) == [0.31, 0.08, 0.62])
        #expect(idle.allSatisfy { $0.stream == 7 && $0.rank == 0 })
    }

    @Test("The file's first event counts as the call of a kernel whose call is missing, even if it starts late")
    func firstEventReplacesAMissingCall() throws {
        let events = [
            event("cpu_op", 24, 1, ""), event("kernel", 10, 10, #""stream":7,"correlation":1"#),
            event("kernel", 25, 5, #""stream":7,"correlation":2"#),
        ]
        #expect(try analysis(events).idleTimes.map(\.time) == [5, 0])
        #expect(try analysis(events).idleTimes.map(\.cause) == [.hostWait, .other])
    }

    @Test("A kernel counts once per call with its correlation number") func callsOfOneCorrelationMakeCopies() throws {
        func step(_ number: Int, _ start: Int) -> String {
            event("user_annotation", start, 40, "").replacing(#""a""#, with: "\"ProfilerStep#\(number)\"")
        }
        let kernel = event("kernel", 10, 6, #""stream":7,"correlation":1"#)
        let call = event("cuda_runtime", 1, 1, #""correlation":1"#)
        let idle = try analysis([step(1, 0), step(2, 50), call, call, call, kernel]).idleTimes
        #expect(idle.map(\.cause) == [.kernelWait, .other] && idle.map(\.time) == [-12, 0])
        #expect(try analysis([step(1, 0), step(2, 50), call, kernel]).idleTimes.map(\.time) == [0])
    }

    @Test("A rank without device events has no percentages") func rankWithoutDeviceEvents() throws {
        let analysis = try analysis([event("cpu_op", 0, 1, "")])
        #expect(analysis.idleTimes.isEmpty)
        let rank = try #require(analysis.ranks.first)
        #expect(rank.overlapPercent == nil && rank.kernel == 0 && rank.percent(rank.idle) == nil)
    }
}
