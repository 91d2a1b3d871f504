#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension ExactSearch {
    /// Returns the steps that the searches of a layer may take, or 0 if there are too many placements.
    ///
    /// A search of all placements of up to 10⁴ (quick) or 10⁶ (thorough) ends within these steps, because branches end
    /// early. The number of placements is only estimated from above, so the limits on the estimate are higher. A
    /// thorough plan also searches larger layers, for better bounds.
    static func steps(experts: Int, slotsPerDevice: ArraySlice<Int>, effort: OptimalPolicy.Effort) -> Int {
        let slots = slotsPerDevice.reduce(0, +)
        let isSmall = slots <= 64 && experts > 1
        switch effort {
        case .quick: return isSmall && logPlacements(experts, slotsPerDevice) <= log(1e7) ? 1_000_000 : 0
        case .thorough:
            guard slots <= 96, experts > 1 else { return 0 }
            return isSmall && logPlacements(experts, slotsPerDevice) <= log(1e10) ? 20_000_000 : 1_000_000
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
            byDevice += devices * sets - (exp(sets) > 10 * devices ? logFactorial(devices) : 0)
            byReplica -= devices * logFactorial(Double(size)) + logFactorial(devices)
        }
        return min(byDevice, byReplica)
    }
}
