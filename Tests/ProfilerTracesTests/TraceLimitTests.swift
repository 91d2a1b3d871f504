import ProfilerTraces
import TestSupport
import Testing

@Suite("Limits of traces") struct TraceLimitTests {
    private func refusal(
        _ events: [String], _ limits: TraceReadLimits, rules: KernelRules = KernelRules()
    ) throws -> String? {
        try withTemporaryFile("[" + events.joined(separator: ",") + "]") { path in
            do { _ = try RankTrace.ranks(path: path, rules: rules, limits: limits) } catch let error as TraceReadError {
                return error.reason
            }
            return nil
        }
    }

    @Test("Work, launches and ranges up to the limit are read; one more is refused with the limit") func events() throws
    {
        let events = (0..<10).map { TraceText.work("k", at: "\(9 * $0)", "2", number: $0) }
        let calls = (0..<10).map { TraceText.call(at: "\(9 * $0)", number: $0) }
        #expect(try refusal(events + calls, TraceReadLimits(events: 20)) == nil)
        #expect(
            try refusal(events + calls, TraceReadLimits(events: 19))
                == "has more than 19 events of devices, launches and ranges: profile fewer steps")
    }

    @Test("Streams and threads up to the limit are read; one more is refused, also in a recorded timeline")
    func lanes() throws {
        let events = (0..<10).map { TraceText.work("k", stream: $0, at: "\(9 * $0)", "2") }
        #expect(try refusal(events, TraceReadLimits(lanes: 10)) == nil)
        let reason = "has more than 9 streams and threads: profile fewer steps"
        #expect(try refusal(events, TraceReadLimits(lanes: 9)) == reason)
        let recorded = (0..<10).map {
            #"{"ph":"X","cat":"compute","name":"0F0","pid":\#($0),"tid":0,"ts":\#($0),"dur":1}"#
        }
        #expect(try refusal(recorded, TraceReadLimits(lanes: 9)) == reason)
    }

    @Test("Distinct names up to the limit are read; longer ones are refused, also of ranges that never end")
    func names() throws {
        let events = (0..<10).map { TraceText.work("name\($0)", at: "\(9 * $0)", "2") }
        #expect(try refusal(events, TraceReadLimits(nameBytes: 50)) == nil)
        let reason = "has more than 49 bytes of distinct names: profile fewer steps"
        #expect(try refusal(events, TraceReadLimits(nameBytes: 49)) == reason)
        let open = (0..<10).map { #"{"ph":"B","cat":"kernel","name":"name\#($0)","pid":0,"tid":0,"ts":\#($0)}"# }
        #expect(try refusal(open, TraceReadLimits(nameBytes: 49)) == reason)
        let closed = open.flatMap { [$0, #"{"ph":"E","pid":0,"tid":0,"ts":99}"#] }
        #expect(try refusal(closed, TraceReadLimits(nameBytes: 50)) == nil)
    }

    @Test("The same limits hold for a report of Nsight Systems") func reports() throws {
        let path = try fixture("nsight.sqlite")
        for limits in [TraceReadLimits(events: 3), TraceReadLimits(lanes: 1), TraceReadLimits(nameBytes: 3)] {
            let error = #expect(throws: TraceReadError.self) { try RankTrace.ranks(path: path, limits: limits) }
            #expect(error?.reason.hasPrefix("has more than") == true)
        }
    }

    @Test("An expression that runs away is ended, and named with the length of the name; others match as before")
    func runawayExpressions() throws {
        let name = String(repeating: "a", count: 60) + "b"
        var rules = KernelRules()
        try rules.addCommunication(matching: "(a+)+$")
        let reason =
            "'(a+)+$' takes too long to match names of kernels, the last of which has 61 bytes: give an expression without "
            + "nested repetition"
        let error = #expect(throws: KernelRuleError.self) { try rules.kind(of: name, isCopy: false) }
        #expect(error?.reason == reason)
        #expect(try refusal([TraceText.work(name, at: "1", "2")], TraceReadLimits(), rules: rules) == reason)
        let harmless = try KernelExpression("^(all|reduce)_\\d+<.*>$")
        #expect(try harmless.matches("all_12<float, 4>") && !harmless.matches("xall_12<float>"))
    }
}
