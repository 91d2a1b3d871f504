/// A way in which a training run uses placements.
public enum BalancingMode: String, CaseIterable, Sendable {
    /// Every device has consecutive experts, without replicas.
    case off
    /// One placement serves the whole run.
    case `static`
    /// Placements follow the loads; see ``LiveBalancer``.
    case live
}
