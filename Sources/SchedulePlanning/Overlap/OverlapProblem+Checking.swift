extension OverlapProblem {
    /// Whether a plan suits the segments: it runs each once, and no weight gradient before the segment that it belongs to.
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
