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
