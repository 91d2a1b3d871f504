import ProfilerTraces
import Testing
import Timelines

/// Gaps between two kernels, by the launch of the second.
@Suite("Causes of idle time") struct IdleCausesTests {
    /// The causes of the gap between a kernel that ends at 100 µs and one that starts at `start`, in nanoseconds. The
    /// call that launches the second returns at `returned`; nil for no call.
    private func causes(start: Int64, returned: Int64?) -> IdleCauses {
        var trace = RankTrace()
        let lane = TimelineLane(rank: 0, name: "stream 7")
        trace.timeline.append(start: 0, duration: 100_000, lane: lane, event: .kernel("a", .compute))
        trace.timeline.append(start: start, duration: 5000, lane: lane, event: .kernel("a", .compute))
        trace.kinds = [KernelKind(activity: .compute)]
        trace.launchOfSpan = [-1, returned == nil ? -1 : 0]
        trace.collectiveOfSpan = [-1, -1]
        if let returned {
            trace.launches = [KernelLaunch(start: returned - 1000, duration: 1000, correlation: 1, thread: 0)]
        }
        return RankAnalysis(trace).idle
    }

    @Test(
        "Time before the launching call returns is the host's, a short rest the launch's, a long one a dependency",
        arguments: [
            // The call returned before the gap.
            (110_000, 50_000, 0, 0, 10_000), (110_001, 50_000, 0, 10_001, 0),
            // The call returned within the gap.
            (140_000, 130_000, 30_000, 0, 10_000), (140_001, 130_000, 30_000, 10_001, 0),
            // The call returned after the kernel had started.
            (140_000, 150_000, 40_000, 0, 0),
            // The trace has no call, so that the cause is not known.
            (105_000, nil, 0, 0, 0), (140_000, nil, 0, 0, 0),
        ] as [(Int64, Int64?, Int64, Int64, Int64)])
    func gaps(_ start: Int64, _ returned: Int64?, _ host: Int64, _ dependency: Int64, _ launch: Int64) {
        let causes = causes(start: start, returned: returned)
        #expect(causes.host == host && causes.dependency == dependency && causes.launch == launch)
        #expect(causes.total == start - 100_000 && causes.unknown == (returned == nil ? causes.total : 0))
    }

    @Test("Kernels without a gap have no idle time") func noGap() {
        #expect(causes(start: 100_000, returned: 90_000) == IdleCauses())
        #expect(causes(start: 90_000, returned: 95_000) == IdleCauses())
    }

    @Test("The sum of causes is by cause") func sums() {
        let sum = causes(start: 140_000, returned: 130_000) + causes(start: 140_001, returned: 130_000)
        #expect(sum.host == 60_000 && sum.launch == 10_000 && sum.dependency == 10_001)
    }
}
