/// The order in which the segments of a forward, of a backward and of its weight gradients run.
///
/// The text of a plan has one letter per segment, F, B or W, with a count if the letter repeats: `F2BF3W` stands for F
/// F B F F F W.
public struct OverlapPlan: Hashable, Sendable {
    /// The pass whose next segment runs.
    public enum Pass: UInt8, Hashable, Sendable, CaseIterable {
        /// The forward.
        case forward
        /// The backward.
        case backward
        /// The weight gradients.
        case weights
    }

    /// The pass of each segment, first to last.
    public let order: [Pass]

    /// A plan with the given order. ``OverlapSimulation`` checks whether the plan fits a problem.
    public init(_ order: some Sequence<Pass>) { self.order = Array(order) }

    /// Returns the plan without overlap: the whole forward, then the whole backward, then the weight gradients.
    public static func sequential(_ problem: OverlapProblem) -> OverlapPlan {
        var order = [Pass](repeating: .forward, count: problem.forward.segments.count)
        order += repeatElement(.backward, count: problem.backward.segments.count)
        order += repeatElement(.weights, count: problem.weights.count)
        return OverlapPlan(order)
    }

    /// Returns the plan that alternates segments of the forward and the backward, starting with the forward. The rest
    /// of the longer sequence and then the weight gradients follow.
    public static func alternating(_ problem: OverlapProblem) -> OverlapPlan {
        let (forward, backward) = (problem.forward.segments.count, problem.backward.segments.count)
        let both = min(forward, backward)
        var order: [Pass] = []
        for _ in 0..<both { order += [.forward, .backward] }
        order += repeatElement(forward > backward ? .forward : .backward, count: max(forward, backward) - both)
        order += repeatElement(.weights, count: problem.weights.count)
        return OverlapPlan(order)
    }
}
