import Algorithms

/// The links between the host's calls and the work that they started.
struct LaunchLinks {
    /// The calls that started work, in the order of the work.
    private(set) var launches: [KernelLaunch] = []
    /// For each piece of work, the index of its call; -1 if there is none.
    private(set) var launchOfSpan: [Int32] = []

    /// Links work to calls by correlation. O(n log n), O(n) if work runs about in the order in which it is started.
    init(_ calls: consuming [KernelLaunch], correlations: [UInt32]) {
        // Most programs start work from one thread, and then the calls are in order already.
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

    /// The index of the first call of at least a correlation. The search begins with the few calls behind the last one
    /// that was found.
    private static func first(from correlation: UInt32, in calls: [KernelLaunch], near: Int) -> Int {
        if near < calls.count, calls[near].correlation < correlation {
            for index in near + 1..<min(calls.count, near + 9) where calls[index].correlation >= correlation {
                return index
            }
        }
        return calls.partitioningIndex { $0.correlation >= correlation }
    }
}
