/// The order in which the segments of a forward, of a backward and of its weight gradients run.
///
/// Its text is a letter a segment, F, B or W, with a count where a segment repeats: `F2BF3W` stands for F F B F F F W.
public struct OverlapPlan: Hashable, Sendable {
    /// Which of the three goes a segment further.
    public enum Pass: UInt8, Hashable, Sendable, CaseIterable {
        /// The forward.
        case forward
        /// The backward.
        case backward
        /// The weight gradients.
        case weights
    }

    /// The segments, first to last.
    public let order: [Pass]

    /// A plan of the given segments; whether they suit a problem is for ``OverlapSimulation`` to say.
    public init(_ order: some Sequence<Pass>) { self.order = Array(order) }

    /// The whole forward, then the whole backward, then the weight gradients: nothing is overlapped.
    public static func sequential(_ problem: OverlapProblem) -> OverlapPlan {
        var order = [Pass](repeating: .forward, count: problem.forward.segments.count)
        order += repeatElement(.backward, count: problem.backward.segments.count)
        order += repeatElement(.weights, count: problem.weights.count)
        return OverlapPlan(order)
    }

    /// A segment of each in turn, forward first, then the rest of the longer one, then the weight gradients.
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
