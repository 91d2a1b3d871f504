/// What a step has to run: the parts of a forward and of a backward, and the weight gradients that the backward leaves.
///
/// The host takes a part at a time, and each has one resource to itself: a compute part the host, an exchange the channel,
/// which serves exchanges in the order of their starts while the host goes on. Weight gradients run first in, first out.
/// Either sequence may be empty: a lone action.
public struct WeaveProblem: Hashable, Sendable {
    /// The forward of one micro-batch.
    public let forward: WeaveSequence
    /// The backward of another.
    public let backward: WeaveSequence
    /// The weight gradients, in the order in which they run.
    public let weights: [WeightPart]

    /// A problem of the given parts.
    ///
    /// - Throws: ``WeaveProblemError`` where a part reads what is no earlier exchange of its sequence, a weight gradient
    ///   belongs to no part, or a cost is negative or the sum of all too large.
    /// - Complexity: O(parts and what they read).
    public init(
        forward: WeaveSequence = WeaveSequence(), backward: WeaveSequence = WeaveSequence(), weights: [WeightPart] = []
    ) throws(WeaveProblemError) {
        self.forward = forward
        self.backward = backward
        self.weights = weights
        // Sums of times over all parts stay numbers.
        let count = forward.parts.count + backward.parts.count + weights.count
        var left = Int64.max / 64 / Int64(max(count, 1))
        try Self.check(forward, "forward", &left)
        try Self.check(backward, "backward", &left)
        for (index, part) in weights.enumerated() {
            let place = "weight part \(index)"
            if let after = part.after, !backward.parts.indices.contains(after) {
                throw WeaveProblemError(
                    place: place, problem: "runs after part \(after) of a backward of \(backward.parts.count)")
            }
            try Self.add(part.cost, place, &left)
        }
    }

    private static func check(
        _ sequence: WeaveSequence, _ name: String, _ left: inout Int64
    ) throws(WeaveProblemError) {
        for (index, part) in sequence.parts.enumerated() {
            let place = "\(name) part \(index)"
            try check(part.reads, before: index, sequence, place)
            try add(part.cost, place, &left)
            try add(part.startCost, place, &left)
        }
        try check(sequence.resultReads, before: sequence.parts.count, sequence, "the \(name)'s result")
    }

    private static func check(
        _ reads: [Int], before end: Int, _ sequence: WeaveSequence, _ place: String
    ) throws(WeaveProblemError) {
        for read in reads where !(0..<end).contains(read) || sequence.parts[read].resource != .channel {
            throw WeaveProblemError(place: place, problem: "reads part \(read), which is no earlier exchange")
        }
    }

    private static func add(_ cost: Int64, _ place: String, _ left: inout Int64) throws(WeaveProblemError) {
        guard cost >= 0 else { throw WeaveProblemError(place: place, problem: "takes \(cost) ns: give 0 or more") }
        guard cost <= left else {
            throw WeaveProblemError(
                place: place, problem: "takes \(cost) ns, where \(left) ns are left of what all may take")
        }
        left -= cost
    }
}
