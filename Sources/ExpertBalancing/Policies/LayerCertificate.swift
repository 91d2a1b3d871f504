/// The times of one layer's placement, computed from the loads, and a proved bound for all placements.
///
/// The time of a device is its load divided by its speed.
public struct LayerCertificate: Hashable, Sendable {
    /// The time of every device if the load were balanced perfectly.
    public let meanTime: Double
    /// The longest time of any device.
    public let longestTime: Double
    /// A lower bound on the longest time of every placement under the same constraints.
    public let lowerBound: Double

    /// The mean time divided by the longest time; 1 for a layer without load.
    public var balance: Double { longestTime > 0 ? meanTime / longestTime : 1 }
    /// An upper bound on the balance of every placement under the same constraints.
    public var balanceBound: Double { lowerBound > 0 ? min(1, meanTime / lowerBound) : 1 }
    /// The excess of the longest time over the lower bound, as a fraction of the bound. With a gap of 0, the placement
    /// is optimal.
    public var gap: Double { lowerBound > 0 ? max(0, longestTime / lowerBound - 1) : 0 }
}

extension Placement {
    /// Returns each layer's certificate with measured times and the bounds of other certificates for the same loads.
    /// O(layers × slots).
    func certificates(for loads: ExpertLoads, bounds: [LayerCertificate], in world: DeviceWorld) -> [LayerCertificate] {
        let times = deviceLoads(loads.values)
        return bounds.enumerated().map { layer, bound in
            var longest = 0.0
            for device in 0..<deviceCount {
                longest = max(longest, times[layer * deviceCount + device] / world.speeds[device])
            }
            return LayerCertificate(
                meanTime: loads.total(ofLayer: layer) / world.totalSpeed, longestTime: longest,
                lowerBound: min(bound.lowerBound, longest))
        }
    }
}
