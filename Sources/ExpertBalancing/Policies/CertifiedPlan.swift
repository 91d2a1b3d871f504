/// A placement with what is proved about each of its layers: the result of every ``PlacementPolicy``.
public struct CertifiedPlan: Hashable, Sendable {
    /// Which expert lives where.
    public let placement: Placement
    /// What is proved about each layer, per workload.
    public let certificatesOfWorkload: [[LayerCertificate]]
    /// The best plan for each workload alone, which the bounds come from; empty if this plan is such a plan.
    public let best: [CertifiedPlan]

    /// A placement that is proved about as it is made.
    init(placement: Placement, certificates: [LayerCertificate]) {
        self.placement = placement
        certificatesOfWorkload = [certificates]
        best = []
    }

    /// Any placement, measured on workloads, with the bounds of the best plan for each.
    init(_ placement: Placement, for workloads: [ExpertLoads], best: [CertifiedPlan], in world: DeviceWorld) {
        self.placement = placement
        self.best = best
        certificatesOfWorkload = zip(workloads, best).map { loads, plan in
            placement.certificates(for: loads, bounds: plan.certificates, in: world)
        }
    }

    /// What is proved about each layer for the first workload.
    public var certificates: [LayerCertificate] { certificatesOfWorkload[0] }
    /// The mean balance of the layers.
    public var balance: Double { mean(\.balance) }
    /// The mean of the balances that no placement exceeds.
    public var balanceBound: Double { mean(\.balanceBound) }

    private func mean(_ value: (LayerCertificate) -> Double) -> Double {
        certificates.reduce(0) { $0 + value($1) } / Double(max(certificates.count, 1))
    }
}
