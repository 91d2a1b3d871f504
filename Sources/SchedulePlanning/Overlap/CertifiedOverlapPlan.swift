/// A plan that was found, with what it takes and how short any could be. Times are nanoseconds.
public struct CertifiedOverlapPlan: Hashable, Sendable {
    /// The order of segments.
    public let plan: OverlapPlan
    /// What it takes.
    public let makespan: Int64
    /// When its backward hands its result over.
    public let backwardEnd: Int64
    /// What no plan beats.
    public let bound: OverlapBound
    /// Whether no plan is shorter: it meets the bound, or the search left nothing out.
    public let isOptimal: Bool

    /// How far the makespan may be above the best, as a part of the bound.
    public var gap: Double { bound.time == 0 ? 0 : Double(makespan - bound.time) / Double(bound.time) }

    /// Whether the plan takes more than `fraction` less than `other` does.
    public func improves(on other: OverlapSimulation, byMoreThan fraction: Double = 0.02) -> Bool {
        Double(other.makespan - makespan) > fraction * Double(other.makespan)
    }
}
