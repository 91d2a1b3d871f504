import ProfilerTraces
import TestSupport
import Testing

/// The links from work to the calls that launched it, and from calls to the program's ranges.
@Suite("Launches") struct LaunchTests {
    private func call(_ correlation: UInt32, _ start: Int64 = 0, thread: Int32 = 0) -> KernelLaunch {
        KernelLaunch(start: start, duration: 1, correlation: correlation, thread: thread)
    }

    private func range(_ name: String, _ times: Range<Int64>, thread: Int32 = 0) -> TraceAnnotation {
        TraceAnnotation(
            name: name, start: times.lowerBound, duration: times.upperBound - times.lowerBound, thread: thread)
    }

    /// The names of the ranges that calls at the given times are in; nil for no range.
    private func names(_ ranges: [TraceAnnotation], _ calls: [KernelLaunch]) -> [String?] {
        AnnotationFinder(ranges).innermost(of: calls).map { $0 < 0 ? nil : ranges[Int($0)].name }
    }

    @Test("Work is linked to the call with its correlation number") func links() {
        let links = LaunchLinks([call(7, 70), call(3, 30), call(5, 50)], correlations: [5, 9, 3, .max, 5, 7])
        #expect(links.launches.map(\.start) == [50, 30, 70])
        #expect(links.launchOfSpan == [0, -1, 1, -1, 0, 2])
    }

    @Test("Of several calls with one correlation number, the earliest is the launch") func equalCorrelations() {
        let links = LaunchLinks([call(4, 9), call(4, 2), call(4, 5)], correlations: [4, 4])
        #expect(links.launches.map(\.start) == [2] && links.launchOfSpan == [0, 0])
    }

    @Test("Without calls, no work has a launch") func noCalls() {
        let links = LaunchLinks([], correlations: [1, 2])
        #expect(links.launches.isEmpty && links.launchOfSpan == [-1, -1])
    }

    @Test("Links in any order equal those of a dictionary") func linksInAnyOrder() {
        var generator = SeededGenerator(41)
        for _ in 0..<50 {
            let numbers = (0..<200 as Range<UInt32>).filter { _ in Bool.random(using: &generator) }
            let calls = numbers.map { call($0, Int64($0) * 10) }.shuffled(using: &generator)
            let correlations = (0..<300).map { _ in UInt32.random(in: 0..<220, using: &generator) }
            let links = LaunchLinks(calls, correlations: correlations)
            let found = links.launchOfSpan.map { $0 < 0 ? nil : links.launches[Int($0)].correlation }
            #expect(found == correlations.map { numbers.contains($0) ? $0 : nil })
        }
    }

    @Test("A call is in the innermost open range of its thread") func innermostRanges() {
        let ranges = [
            range("outer", 0..<100), range("first", 10..<20), range("second", 30..<50), range("third", 35..<40),
        ]
        let calls = [5, 10, 19, 20, 36, 45, 99, 100].map { call(0, $0) }
        #expect(names(ranges, calls) == ["outer", "first", "first", "outer", "third", "second", "outer", nil])
    }

    @Test("A thread's own range precedes a later range of another thread") func ownThread() {
        let ranges = [range("own", 0..<100, thread: 1), range("other", 50..<60, thread: 2)]
        #expect(names(ranges, [call(0, 55, thread: 1)]) == ["own"])
        // A thread without ranges, such as that of a backward pass, uses the range that was opened last.
        #expect(names(ranges, [call(0, 55, thread: 3), call(0, 70, thread: 3)]) == ["other", "own"])
    }

    @Test("Ranges of collectives are used only for calls in no other range, and profiler steps never")
    func rangesOfCollectives() {
        let ranges = [
            range("ProfilerStep#1", 0..<100), range("part", 10..<30), range("nccl:all_reduce", 20..<25),
            range("nccl:all_gather", 50..<60),
        ]
        let calls = [5, 22, 55, 70].map { call(0, $0) }
        #expect(names(ranges, calls) == [nil, "part", "nccl:all_gather", nil])
    }

    @Test("A profiler step has its number, and other ranges have none") func stepNumbers() {
        let names = ["ProfilerStep#12", "ProfilerStep#", "ProfilerStep#x", "step 3"]
        #expect(names.map { range($0, 0..<1).step } == [12, nil, nil, nil])
    }
}
