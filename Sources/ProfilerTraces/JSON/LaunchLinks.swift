import Algorithms

/// The links between the host's calls and the work that they launched.
package struct LaunchLinks {
    /// The calls that launched work, in the order of the work.
    package private(set) var launches: [KernelLaunch] = []
    /// For each span, the index of its launch; -1 if there is none.
    package private(set) var launchOfSpan: [Int32] = []

    /// Links work to calls by correlation number. O(n log n); O(n) if work runs roughly in the order of its launches.
    package init(_ calls: consuming [KernelLaunch], correlations: [UInt32]) {
        // Most programs launch work from one thread, so that the calls are already in order.
        let isSorted = calls.adjacentPairs().allSatisfy { !Self.isBefore($1, $0) }
        if !isSorted { calls.sort(by: Self.isBefore) }
        let sorted = calls
        var indexOfCall = [Int32](repeating: -1, count: sorted.count)
        var near = 0
        launchOfSpan.reserveCapacity(correlations.count)
        for correlation in correlations {
            guard correlation != DeviceCollector.noCorrelation else {
                launchOfSpan.append(-1)
                continue
            }
            near = Self.first(from: correlation, in: sorted, near: near)
            guard near < sorted.count, sorted[near].correlation == correlation else {
                launchOfSpan.append(-1)
                continue
            }
            if indexOfCall[near] < 0 {
                indexOfCall[near] = Int32(launches.count)
                launches.append(sorted[near])
            }
            launchOfSpan.append(indexOfCall[near])
        }
    }

    private static func isBefore(_ first: KernelLaunch, _ second: KernelLaunch) -> Bool {
        (first.correlation, first.start) < (second.correlation, second.start)
    }

    /// The index of the first call whose correlation number is at least `correlation`. The search tries the eight calls
    /// after `near`, the last call that was found, before all others.
    private static func first(from correlation: UInt32, in calls: [KernelLaunch], near: Int) -> Int {
        if near < calls.count, calls[near].correlation < correlation {
            for index in near + 1..<min(calls.count, near + 9) where calls[index].correlation >= correlation {
                return index
            }
        }
        return calls.partitioningIndex { $0.correlation >= correlation }
    }
}
