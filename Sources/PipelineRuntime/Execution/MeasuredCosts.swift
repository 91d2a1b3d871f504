package import SchedulePlanning
package import Timelines

/// The measured times of the segments of a rank's stages in one step.
package struct MeasuredCosts {
    private struct Key: Hashable {
        let stage: Int
        let pass: Pass
        let name: String
    }

    private let positions: [Key: Int]
    /// Nanoseconds per segment, in an order that is the same on all ranks of an expert-parallel group.
    package var values: [Double]

    /// Creates the costs of the segments of `patterns` from a recorded step; 0 for a segment that did not run.
    ///
    /// A compute segment costs the median of its spans. An exchange costs the lower quartile of its spans, because a
    /// span ends only when the slowest rank of the group has joined the exchange.
    package init(_ patterns: [OverlappedStep.Pattern], _ timeline: Timeline) {
        var positions: [Key: Int] = [:]
        var isExchange: [Bool] = []
        func add(_ stage: Int?, _ pass: Pass, _ name: String, isChannel: Bool) {
            guard let stage, positions[Key(stage: stage, pass: pass, name: name)] == nil else { return }
            positions[Key(stage: stage, pass: pass, name: name)] = isExchange.count
            isExchange.append(isChannel)
        }
        for pattern in patterns {
            for segment in pattern.problem.forward.segments {
                add(pattern.forwardStage, .forward, segment.name, isChannel: segment.resource == .channel)
            }
            for segment in pattern.problem.backward.segments {
                add(pattern.backwardStage, .backward, segment.name, isChannel: segment.resource == .channel)
            }
            for (segment, stage) in zip(pattern.problem.weights, pattern.weightStages) {
                add(stage, .weight, segment.name, isChannel: false)
            }
        }
        self.positions = positions
        let positionOfEvent = timeline.events.map { event -> Int? in
            switch event {
            case .segment(let segment), .exchange(let segment, _):
                segment.stage.flatMap { positions[Key(stage: $0, pass: segment.pass, name: segment.name)] }
            default: nil
            }
        }
        var spans = [[Int64]](repeating: [], count: isExchange.count)
        for span in timeline.spans {
            if let position = positionOfEvent[Int(span.event)] { spans[position].append(span.duration) }
        }
        values = zip(spans, isExchange).map { spans, isExchange in
            spans.isEmpty ? 0 : Double(spans.sorted()[isExchange ? spans.count / 4 : spans.count / 2])
        }
    }

    /// Returns a plan of a pattern with these costs: `plan`, or one that takes less time.
    package func plan(_ pattern: OverlappedStep.Pattern, improvingOn plan: OverlapPlan) throws -> OverlapPlan {
        guard pattern.problem.hasExchanges else { return plan }
        let problem = try problem(pattern)
        return OverlapPlanner().plan(problem, improvingOn: plan).plan.separatingExchanges(of: problem)
    }

    /// Returns the overlap problem of a pattern with these costs.
    package func problem(_ pattern: OverlappedStep.Pattern) throws -> OverlapProblem {
        func cost(_ stage: Int?, _ pass: Pass, _ name: String) -> Int64 {
            stage.flatMap { positions[Key(stage: $0, pass: pass, name: name)] }.map { Int64(values[$0]) } ?? 0
        }
        func priced(_ sequence: SegmentSequence, _ stage: Int?, _ pass: Pass) -> SegmentSequence {
            var sequence = sequence
            for index in sequence.segments.indices {
                sequence.segments[index].cost = cost(stage, pass, sequence.segments[index].name)
            }
            return sequence
        }
        let weights = zip(pattern.problem.weights, pattern.weightStages).map { segment, stage in
            WeightSegment(segment.name, cost: cost(stage, .weight, segment.name), after: segment.after)
        }
        return try OverlapProblem(
            forward: priced(pattern.problem.forward, pattern.forwardStage, .forward),
            backward: priced(pattern.problem.backward, pattern.backwardStage, .backward), weights: weights)
    }
}
