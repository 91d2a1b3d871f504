/// How good one layer's placement is, and how much better any could be.
///
/// A device's time is its load over its speed.
public struct LayerCertificate: Hashable, Sendable {
    /// The time that every device would have if the load were spread perfectly.
    public let meanTime: Double
    /// The time of the most loaded device.
    public let longestTime: Double
    /// A time that no placement under the same constraints goes below.
    public let lowerBound: Double

    /// Mean time over longest time; 1 for a layer without load.
    public var balance: Double { longestTime > 0 ? meanTime / longestTime : 1 }
    /// The balance that no placement exceeds.
    public var balanceBound: Double { lowerBound > 0 ? min(1, meanTime / lowerBound) : 1 }
    /// How far the longest time is above the bound, as a part of the bound: 0 is optimal.
    public var gap: Double { lowerBound > 0 ? max(0, longestTime / lowerBound - 1) : 0 }
}

extension Placement {
    /// What is proved about each layer: measured times, and the bounds of other certificates for the same loads.
    /// O(layers × slots).
    func certificates(for loads: ExpertLoads, bounds: [LayerCertificate], in world: DeviceWorld) -> [LayerCertificate] {
        let times = deviceLoads(loads.values)
        return bounds.enumerated().map { layer, bound in
            var longest = 0.0
            for device in 0..<deviceCount {
                longest = max(longest, times[layer * deviceCount + device] / world.speeds[device])
            }
            return LayerCertificate(
                meanTime: bound.meanTime, longestTime: longest, lowerBound: min(bound.lowerBound, longest))
        }
    }
}
