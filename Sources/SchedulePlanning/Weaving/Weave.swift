/// The order in which the parts of a forward, of a backward and of its weight gradients run: a turn a part.
///
/// Its text is a letter a turn, F, B or W, with a count where a turn repeats: `F2BF3W` stands for F F B F F F W.
public struct Weave: Hashable, Sendable {
    /// Which of the three goes a part further.
    public enum Turn: UInt8, Hashable, Sendable, CaseIterable {
        /// The forward.
        case forward
        /// The backward.
        case backward
        /// The weight gradients.
        case weights
    }

    /// The turns, first to last.
    public let turns: [Turn]

    /// A weave of the given turns; whether they suit a problem is for ``WeaveSimulation`` to say.
    public init(_ turns: some Sequence<Turn>) {
        self.turns = Array(turns)
    }

    /// The whole forward, then the whole backward, then the weight gradients: nothing is woven.
    public static func sequential(_ problem: WeaveProblem) -> Weave {
        var turns = [Turn](repeating: .forward, count: problem.forward.parts.count)
        turns += repeatElement(.backward, count: problem.backward.parts.count)
        turns += repeatElement(.weights, count: problem.weights.count)
        return Weave(turns)
    }

    /// A part of each in turn, forward first, then the rest of the longer one, then the weight gradients.
    public static func alternating(_ problem: WeaveProblem) -> Weave {
        let (forward, backward) = (problem.forward.parts.count, problem.backward.parts.count)
        let both = min(forward, backward)
        var turns: [Turn] = []
        for _ in 0..<both { turns += [.forward, .backward] }
        turns += repeatElement(forward > backward ? .forward : .backward, count: max(forward, backward) - both)
        turns += repeatElement(.weights, count: problem.weights.count)
        return Weave(turns)
    }
}
