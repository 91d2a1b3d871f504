#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension ExactSearch {
    /// The work that the searches of one layer may take.
    struct Budget {
        /// The permitted steps, 0 for no search.
        var steps: Int
        /// Whether the steps suffice to search all placements.
        var isExhaustive: Bool
    }

    /// Returns the budget for a layer.
    ///
    /// A search of all placements of up to 10⁴ (quick) or 10⁶ (thorough) ends within the budget, because branches end
    /// early. The number of placements is only estimated from above, so the limits on the estimate are higher. A
    /// thorough plan also searches somewhat larger layers, for better bounds.
    static func budget(experts: Int, slotsPerDevice: ArraySlice<Int>, effort: OptimalPolicy.Effort) -> Budget {
        let slots = slotsPerDevice.reduce(0, +)
        guard slots <= 96, experts > 1 else { return Budget(steps: 0, isExhaustive: false) }
        let placements = logPlacements(experts, slotsPerDevice)
        switch effort {
        case .quick:
            let isExhaustive = placements <= log(1e7)
            return Budget(steps: isExhaustive ? 1_000_000 : 0, isExhaustive: isExhaustive)
        case .thorough:
            let isExhaustive = placements <= log(1e10)
            return Budget(steps: isExhaustive ? 20_000_000 : 1_000_000, isExhaustive: isExhaustive)
        }
    }

    /// Returns the logarithm of an upper limit on the number of placements that differ by more than the order of slots
    /// or of equal devices.
    private static func logPlacements(_ experts: Int, _ slotsPerDevice: ArraySlice<Int>) -> Double {
        let slots = slotsPerDevice.reduce(0, +)
        func logFactorial(_ n: Double) -> Double { lgamma(n + 1) }
        func logChoices(_ n: Double, _ k: Double) -> Double { logFactorial(n) - logFactorial(k) - logFactorial(n - k) }
        let devicesOfSize = Dictionary(slotsPerDevice.map { ($0, 1.0) }, uniquingKeysWith: +)
        // Either every device holds any experts, or the replicas of any counts are dealt to the slots.
        var byDevice = 0.0
        var byReplica = logChoices(Double(slots - 1), Double(experts - 1)) + logFactorial(Double(slots))
        for (size, devices) in devicesOfSize {
            let sets = logChoices(Double(experts + size - 1), Double(size))
            byDevice +=
                sets < 30 ? logChoices(exp(sets) + devices - 1, devices) : devices * sets - logFactorial(devices)
            byReplica -= devices * logFactorial(Double(size)) + logFactorial(devices)
        }
        return min(byDevice, byReplica)
    }
}
