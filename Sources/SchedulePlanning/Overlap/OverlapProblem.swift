/// What a step has to run: the segments of a forward and of a backward, and the weight gradients that the backward
/// leaves.
///
/// The host takes a segment at a time, and each has one resource to itself: a compute segment the host, an exchange the
/// channel, which serves exchanges in the order of their starts while the host goes on. Weight gradients run first in,
/// first out. Either sequence may be empty: a lone action.
public struct OverlapProblem: Hashable, Sendable {
    /// The forward of one micro-batch.
    public let forward: SegmentSequence
    /// The backward of another.
    public let backward: SegmentSequence
    /// The weight gradients, in the order in which they run.
    public let weights: [WeightSegment]

    /// A problem of the given segments.
    ///
    /// - Throws: ``OverlapProblemError`` where a segment reads what is no earlier exchange of its sequence, a weight
    ///   gradient belongs to no segment, or a cost is negative or the sum of all too large.
    /// - Complexity: O(segments and what they read).
    public init(
        forward: SegmentSequence = SegmentSequence(), backward: SegmentSequence = SegmentSequence(),
        weights: [WeightSegment] = []
    ) throws(OverlapProblemError) {
        self.forward = forward
        self.backward = backward
        self.weights = weights
        // Sums of times over all segments stay numbers.
        let count = forward.segments.count + backward.segments.count + weights.count
        var left = Int64.max / 64 / Int64(max(count, 1))
        try Self.check(forward, "forward", &left)
        try Self.check(backward, "backward", &left)
        for (index, segment) in weights.enumerated() {
            let location = "weight segment \(index)"
            if let after = segment.after, !backward.segments.indices.contains(after) {
                throw OverlapProblemError(
                    location: location,
                    problem: "runs after segment \(after) of a backward of \(backward.segments.count)")
            }
            try Self.add(segment.cost, location, &left)
        }
    }

    private static func check(
        _ sequence: SegmentSequence, _ name: String, _ left: inout Int64
    ) throws(OverlapProblemError) {
        for (index, segment) in sequence.segments.enumerated() {
            let location = "\(name) segment \(index)"
            try check(segment.reads, before: index, sequence, location)
            try add(segment.cost, location, &left)
            try add(segment.startCost, location, &left)
        }
        try check(sequence.resultReads, before: sequence.segments.count, sequence, "the \(name)'s result")
    }

    private static func check(
        _ reads: [Int], before end: Int, _ sequence: SegmentSequence, _ location: String
    ) throws(OverlapProblemError) {
        for read in reads where !(0..<end).contains(read) || sequence.segments[read].resource != .channel {
            throw OverlapProblemError(
                location: location, problem: "reads segment \(read), which is no earlier exchange")
        }
    }

    private static func add(_ cost: Int64, _ location: String, _ left: inout Int64) throws(OverlapProblemError) {
        guard cost >= 0 else {
            throw OverlapProblemError(location: location, problem: "takes \(cost) ns: give 0 or more")
        }
        guard cost <= left else {
            throw OverlapProblemError(
                location: location, problem: "takes \(cost) ns, where \(left) ns are left of what all may take")
        }
        left -= cost
    }

    /// Whether a plan suits the segments: it runs each once, and no weight gradient before the segment that it belongs
    /// to.
    ///
    /// - Throws: ``OverlapPlanError`` where it does not.
    public func check(_ plan: OverlapPlan) throws(OverlapPlanError) {
        let counts = [forward.segments.count, backward.segments.count, weights.count]
        var positions = [0, 0, 0]
        for (index, pass) in plan.order.enumerated() {
            let position = positions[Int(pass.rawValue)]
            guard position < counts[Int(pass.rawValue)] else {
                throw OverlapPlanError(position: index, problem: "\(pass.letter) has no segment left of \(position)")
            }
            if pass == .weights, let after = weights[position].after, after >= positions[1] {
                throw OverlapPlanError(
                    position: index,
                    problem: "weight segment \(position) comes before backward segment \(after), which it needs")
            }
            positions[Int(pass.rawValue)] += 1
        }
        for pass in OverlapPlan.Pass.allCases where positions[Int(pass.rawValue)] < counts[Int(pass.rawValue)] {
            let (run, all) = (positions[Int(pass.rawValue)], counts[Int(pass.rawValue)])
            throw OverlapPlanError(
                position: plan.order.count, problem: "\(pass.letter) has run \(run) of \(all) segments")
        }
    }
}
