/// A placement with what is proved about each of its layers.
public struct CertifiedPlan: Hashable, Sendable {
    /// Which expert lives where.
    public let placement: Placement
    /// What is proved, a layer each.
    public let certificates: [LayerCertificate]

    /// The mean balance of the layers.
    public var balance: Double { mean(\.balance) }
    /// The mean of the balances that no placement exceeds.
    public var balanceBound: Double { mean(\.balanceBound) }

    private func mean(_ value: (LayerCertificate) -> Double) -> Double {
        certificates.reduce(0) { $0 + value($1) } / Double(max(certificates.count, 1))
    }
}
