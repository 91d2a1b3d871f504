package import SchedulePlanning
package import Timelines

/// What the segments of a rank's stages took in a step.
package struct MeasuredCosts {
    private struct Part: Hashable {
        let stage: Int
        let name: String
    }

    private let places: [Part: Int]
    /// Nanoseconds a segment, in an order that is the same on all ranks of an expert-parallel group.
    package var values: [Double]

    /// The costs of the segments of `patterns` in a recorded step, 0 for what did not run.
    ///
    /// A segment that computes costs the median of its spans. An exchange's span ends when the slowest of its group has had
    /// its segment, so that it costs the lower quartile.
    package init(_ patterns: [OverlappedStep.Pattern], _ timeline: Timeline) {
        var places: [Part: Int] = [:]
        var isExchange: [Bool] = []
        func add(_ stage: Int?, _ name: String, _ isChannel: Bool) {
            guard let stage, places[Part(stage: stage, name: name)] == nil else { return }
            places[Part(stage: stage, name: name)] = isExchange.count
            isExchange.append(isChannel)
        }
        for pattern in patterns {
            for part in pattern.problem.forward.segments {
                add(pattern.forwardStage, part.name, part.resource == .channel)
            }
            for part in pattern.problem.backward.segments {
                add(pattern.backwardStage, part.name, part.resource == .channel)
            }
            for (part, stage) in zip(pattern.problem.weights, pattern.weightStages) { add(stage, part.name, false) }
        }
        self.places = places
        let placeOfLabel = timeline.labels.map { label -> Int? in
            guard [.compute, .communication].contains(label.activity), label.kind == nil else { return nil }
            return label.stage.flatMap { places[Part(stage: $0, name: label.name)] }
        }
        var spans = [[Int64]](repeating: [], count: isExchange.count)
        for span in timeline.spans {
            if let place = placeOfLabel[Int(span.label)] { spans[place].append(span.duration) }
        }
        values = zip(spans, isExchange).map { spans, isExchange in
            spans.isEmpty ? 0 : Double(spans.sorted()[isExchange ? spans.count / 4 : spans.count / 2])
        }
    }

    /// The segments of a pattern at these costs.
    package func problem(_ pattern: OverlappedStep.Pattern) throws -> OverlapProblem {
        func cost(_ stage: Int?, _ name: String) -> Int64 {
            stage.flatMap { places[Part(stage: $0, name: name)] }.map { Int64(values[$0]) } ?? 0
        }
        func priced(_ sequence: SegmentSequence, _ stage: Int?) -> SegmentSequence {
            var sequence = sequence
            for index in sequence.segments.indices {
                sequence.segments[index].cost = cost(stage, sequence.segments[index].name)
            }
            return sequence
        }
        let weights = zip(pattern.problem.weights, pattern.weightStages).map { part, stage in
            WeightSegment(part.name, cost: cost(stage, part.name), after: part.after)
        }
        return try OverlapProblem(
            forward: priced(pattern.problem.forward, pattern.forwardStage),
            backward: priced(pattern.problem.backward, pattern.backwardStage), weights: weights)
    }
}
