/// The segments of an overlapped step: those of a forward and of a backward, and the weight gradients that the backward
/// defers.
///
/// The host takes one segment at a time, and each segment occupies one resource. A compute segment occupies the host.
/// An exchange occupies the channel, which serves exchanges in the order of their starts while the host continues.
/// Weight gradients run first in, first out. Either sequence may be empty, for a step with a single action.
public struct OverlapProblem: Hashable, Sendable {
    /// The forward of one micro-batch.
    public let forward: SegmentSequence
    /// The backward of another micro-batch.
    public let backward: SegmentSequence
    /// The weight gradients, in the order in which they run.
    public let weights: [WeightSegment]

    /// A problem of the given segments.
    ///
    /// - Throws: ``OverlapProblemError`` if a segment reads something other than an earlier exchange of its sequence,
    ///   if a weight gradient belongs to no segment, or if a cost is negative or the sum of all costs too large.
    /// - Complexity: O(segments + reads).
    public init(
        forward: SegmentSequence = SegmentSequence(), backward: SegmentSequence = SegmentSequence(),
        weights: [WeightSegment] = []
    ) throws(OverlapProblemError) {
        self.forward = forward
        self.backward = backward
        self.weights = weights
        // Sums of times over all segments must not overflow.
        let count = forward.segments.count + backward.segments.count + weights.count
        var left = Int64.max / 64 / Int64(max(count, 1))
        try Self.check(forward, "forward", &left)
        try Self.check(backward, "backward", &left)
        for (index, segment) in weights.enumerated() {
            let location = "weight segment \(index)"
            if let after = segment.after, !backward.segments.indices.contains(after) {
                throw OverlapProblemError(
                    location: location,
                    problem: "runs after backward segment \(after), which does not exist")
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
                location: location, problem: "reads segment \(read), which is not an earlier exchange")
        }
    }

    private static func add(_ cost: Int64, _ location: String, _ left: inout Int64) throws(OverlapProblemError) {
        guard cost >= 0 else {
            throw OverlapProblemError(location: location, problem: "takes \(cost) ns: give 0 or more")
        }
        guard cost <= left else {
            throw OverlapProblemError(
                location: location, problem: "takes \(cost) ns, but the limit for all segments leaves \(left) ns")
        }
        left -= cost
    }

    /// Checks that a plan fits the problem: the plan runs every segment once, and no weight gradient before the segment
    /// that it belongs to.
    ///
    /// - Throws: ``OverlapPlanError`` if the plan does not fit.
    public func check(_ plan: OverlapPlan) throws(OverlapPlanError) {
        let counts = [forward.segments.count, backward.segments.count, weights.count]
        var positions = [0, 0, 0]
        for (index, pass) in plan.order.enumerated() {
            let position = positions[Int(pass.rawValue)]
            guard position < counts[Int(pass.rawValue)] else {
                throw OverlapPlanError(position: index, problem: "\(pass.letter) has no segment \(position)")
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
                position: plan.order.count, problem: "\(pass.letter) runs \(run) of \(all) segments")
        }
    }
}
