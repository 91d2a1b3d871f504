/// An overlap plan with its makespan and a lower bound on the makespan of any plan. Times are in nanoseconds.
public struct CertifiedOverlapPlan: Hashable, Sendable {
    /// The order of segments.
    public let plan: OverlapPlan
    /// The makespan of the plan.
    public let makespan: Int64
    /// The time at which the result of the backward is ready.
    public let backwardEnd: Int64
    /// The lower bound on the makespan of any plan.
    public let bound: OverlapBound
    /// Whether no plan is shorter: the plan meets the bound, or the search dropped no state.
    public let isOptimal: Bool

    /// The largest possible distance of the makespan from the optimum, as a fraction of the bound.
    public var gap: Double { bound.time == 0 ? 0 : Double(makespan - bound.time) / Double(bound.time) }

    /// Returns whether the plan is shorter than `other` by more than `fraction` of the makespan of `other`.
    public func improves(on other: OverlapSimulation, byMoreThan fraction: Double = 0.02) -> Bool {
        Double(other.makespan - makespan) > fraction * Double(other.makespan)
    }
}
