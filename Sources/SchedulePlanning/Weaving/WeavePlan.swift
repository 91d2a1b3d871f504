/// A weave that was found, with what it takes and how short any could be. Times are nanoseconds.
public struct WeavePlan: Hashable, Sendable {
    /// The order of turns.
    public let weave: Weave
    /// What it takes.
    public let makespan: Int64
    /// When its backward hands its result over.
    public let backwardEnd: Int64
    /// What no weave beats.
    public let bound: WeaveBound
    /// Whether no weave is shorter: it meets the bound, or the search left nothing out.
    public let isOptimal: Bool

    /// How far the makespan may be above the best, as a part of the bound.
    public var gap: Double { bound.time == 0 ? 0 : Double(makespan - bound.time) / Double(bound.time) }

    /// Whether the weave takes more than `fraction` less than `other` does.
    public func improves(on other: WeaveSimulation, byMoreThan fraction: Double = 0.02) -> Bool {
        Double(other.makespan - makespan) > fraction * Double(other.makespan)
    }
}
