/// A placement with a certificate for each of its layers: the result of every ``PlacementPolicy``.
public struct CertifiedPlan: Hashable, Sendable {
    /// The placement.
    public let placement: Placement
    /// The certificates of the layers, for each workload.
    public let certificatesOfWorkload: [[LayerCertificate]]
    /// The best plan for each workload alone, which provides the bounds. Empty if this plan is such a plan itself.
    public let best: [CertifiedPlan]

    /// Creates a plan whose policy computes the certificates itself.
    init(placement: Placement, certificates: [LayerCertificate]) {
        self.placement = placement
        certificatesOfWorkload = [certificates]
        best = []
    }

    /// Creates a plan from any placement: its times are measured on the workloads, and its bounds are those of the best
    /// plans.
    init(_ placement: Placement, for workloads: [ExpertLoads], best: [CertifiedPlan], in world: DeviceWorld) {
        self.placement = placement
        self.best = best
        certificatesOfWorkload = zip(workloads, best).map { loads, plan in
            placement.certificates(for: loads, bounds: plan.certificates, in: world)
        }
    }

    /// The certificates of the layers for the first workload.
    public var certificates: [LayerCertificate] { certificatesOfWorkload[0] }
    /// The mean balance of the layers for the first workload.
    public var balance: Double { mean(\.balance) }
    /// The mean over the layers of the balance that no placement exceeds, for the first workload.
    public var balanceBound: Double { mean(\.balanceBound) }

    private func mean(_ value: (LayerCertificate) -> Double) -> Double {
        certificates.reduce(0) { $0 + value($1) } / Double(max(certificates.count, 1))
    }
}
