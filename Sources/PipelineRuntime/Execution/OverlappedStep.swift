import PipelineSchedules
package import SchedulePlanning

/// Actions of a rank's row that run together: a forward, a backward or an overlapped pair, and the weight gradients
/// that fill the time in which exchanges would leave the rank idle.
package struct OverlappedStep {
    /// The segments that a step consists of. Steps with equal patterns share one overlap plan.
    package struct Pattern: Hashable {
        /// The segments, whose costs are 0 until they are measured.
        package let problem: OverlapProblem
        let forwardStage: Int?
        let backwardStage: Int?
        /// The stage of each weight segment.
        let weightStages: [Int]
    }

    package let forward: RankProgram.Instruction?
    /// The full backward or the input gradient.
    package let backward: RankProgram.Instruction?
    /// The actions that weight segments belong to, with the number of weight segments of each. For a full backward, the
    /// action is the W of its micro-batch.
    let weights: [(action: Action, segments: Int)]
    /// All actions of the step, as the schedule names them.
    let actions: [Action]
    /// The position of the last action in the rank's row.
    let position: Int
    package let pattern: Pattern

    /// Returns the overlapped steps of a row. A lone W joins the step directly before it if that step has exchanges. A
    /// second W forms its own step.
    package static func steps(of program: RankProgram, kernels: [Int: any PipelineStage]) throws -> [OverlappedStep] {
        var steps: [OverlappedStep] = []
        var group: [RankProgram.Instruction] = []
        var takesWeights = false
        func close(at position: Int) throws {
            if !group.isEmpty { steps.append(try OverlappedStep(group, position: position, kernels: kernels)) }
            group = []
        }
        for (position, instructions) in program.steps.enumerated() {
            let isLoneWeight = instructions.count == 1 && instructions[0].action.kind == .weightGradient
            if !(isLoneWeight && takesWeights) { try close(at: position - 1) }
            group += instructions
            takesWeights =
                !isLoneWeight && instructions.contains { kernels.segments(of: $0.action).sequence.hasExchanges }
        }
        try close(at: program.steps.count - 1)
        return steps
    }

    private init(_ instructions: [RankProgram.Instruction], position: Int, kernels: [Int: any PipelineStage]) throws {
        actions = instructions.map(\.action)
        self.position = position
        forward = instructions.first { $0.action.kind == .forward }
        let backward = instructions.first { [.backward, .inputGradient].contains($0.action.kind) }
        self.backward = backward
        var weights: [(action: Action, segments: Int)] = []
        var weightSegments: [WeightSegment] = []
        for action in actions where action.kind != .forward {
            let isOwn = action.with(.backward) == backward?.action.with(.backward)
            let own = kernels.segments(of: action).weights.map { part in
                WeightSegment(part.name, cost: part.cost, after: isOwn ? part.after : nil)
            }
            guard !own.isEmpty else { continue }
            weights.append((action.with(.weightGradient), own.count))
            weightSegments += own
        }
        self.weights = weights
        pattern = Pattern(
            problem: try OverlapProblem(
                forward: forward.map { kernels.segments(of: $0.action).sequence } ?? SegmentSequence(),
                backward: backward.map { kernels.segments(of: $0.action).sequence } ?? SegmentSequence(),
                weights: weightSegments),
            forwardStage: forward?.action.stage, backwardStage: backward?.action.stage,
            weightStages: weights.flatMap { Array(repeating: $0.action.stage, count: $0.segments) })
    }
}

extension [Int: any PipelineStage] {
    /// Returns the segments of an action of one of the stages.
    fileprivate func segments(of action: Action) -> ActionSegments {
        self[action.stage]?.segments(of: action.kind) ?? ActionSegments()
    }
}

extension SegmentSequence {
    /// Whether any segment is an exchange within the expert-parallel group.
    fileprivate var hasExchanges: Bool { segments.contains { $0.resource == .channel } }
}

extension OverlapProblem {
    /// Whether the forward or the backward has an exchange that can be overlapped.
    package var hasExchanges: Bool { forward.hasExchanges || backward.hasExchanges }

    /// The plan for segments whose costs are not yet measured: forward and backward segments alternate, and each weight
    /// gradient runs as early as it can, so that its memory is freed early. Counts reach the host beside computation.
    var unmeasuredPlan: OverlapPlan {
        var order: [OverlapPlan.Pass] = []
        var weight = 0
        for part in 0..<max(forward.segments.count, backward.segments.count) {
            if part < forward.segments.count { order.append(.forward) }
            guard part < backward.segments.count else { continue }
            order.append(.backward)
            while weight < weights.count, let after = weights[weight].after, after <= part {
                order.append(.weights)
                weight += 1
            }
        }
        return OverlapPlan(order + repeatElement(.weights, count: weights.count - weight)).separatingExchanges(of: self)
    }
}
