import PipelineSchedules
package import SchedulePlanning

/// Actions of a rank's row that run together: a forward, a backward or an overlapped pair, with the weight gradients that
/// fill what their exchanges leave idle.
package struct WovenStep {
    /// What a step can be woven from; steps of one pattern are woven alike.
    package struct Pattern: Hashable {
        /// The parts, whose costs are 0 until they are measured.
        package let parts: WeaveProblem
        let forwardStage: Int?
        let backwardStage: Int?
        /// The stage of each weight part.
        let weightStages: [Int]
    }

    package let forward: RankProgram.Instruction?
    /// The full backward or the input gradient.
    package let backward: RankProgram.Instruction?
    /// The actions that weight parts belong to, each with how many it has: a full backward's own, and a W's.
    let weights: [(action: Action, parts: Int)]
    /// Everything that the schedule names.
    let actions: [Action]
    /// The position in the rank's row of the last action.
    let position: Int
    package let pattern: Pattern

    /// The steps of a row. A lone W that follows a step with exchanges becomes part of it.
    package static func steps(of program: RankProgram, kernels: [Int: any StageKernels]) throws -> [WovenStep] {
        var steps: [WovenStep] = []
        var group: [RankProgram.Instruction] = []
        var takesWeights = false
        func close(at position: Int) throws {
            if !group.isEmpty { steps.append(try WovenStep(group, position: position, kernels: kernels)) }
            group = []
        }
        for (position, instructions) in program.steps.enumerated() {
            let isLoneWeight = instructions.count == 1 && instructions[0].action.kind == .weightGradient
            if !(isLoneWeight && takesWeights) { try close(at: position - 1) }
            group += instructions
            takesWeights =
                !isLoneWeight
                && instructions.contains { kernels[$0.action.stage]?.parts(of: $0.action.kind).hasExchanges ?? false }
        }
        try close(at: program.steps.count - 1)
        return steps
    }

    private init(
        _ instructions: [RankProgram.Instruction], position: Int, kernels: [Int: any StageKernels]
    ) throws {
        func parts(_ action: Action) -> ActionParts { kernels[action.stage]?.parts(of: action.kind) ?? ActionParts() }
        actions = instructions.map(\.action)
        self.position = position
        forward = instructions.first { $0.action.kind == .forward }
        let backward = instructions.first { [.backward, .inputGradient].contains($0.action.kind) }
        self.backward = backward
        var weights: [(action: Action, parts: Int)] = []
        var weightParts: [WeightPart] = []
        for action in actions where action.kind != .forward {
            let isOwn = action.with(.backward) == backward?.action.with(.backward)
            let own = parts(action).weights.map { part in
                WeightPart(part.name, cost: part.cost, after: isOwn ? part.after : nil)
            }
            guard !own.isEmpty else { continue }
            weights.append((action.with(.weightGradient), own.count))
            weightParts += own
        }
        self.weights = weights
        pattern = Pattern(
            parts: try WeaveProblem(
                forward: forward.map { parts($0.action).sequence } ?? WeaveSequence(),
                backward: backward.map { parts($0.action).sequence } ?? WeaveSequence(), weights: weightParts),
            forwardStage: forward?.action.stage, backwardStage: backward?.action.stage,
            weightStages: weights.flatMap { Array(repeating: $0.action.stage, count: $0.parts) })
    }
}

extension ActionParts {
    /// Whether any part exchanges something within the expert-parallel group.
    var hasExchanges: Bool { sequence.hasExchanges }
}

extension WeaveSequence {
    fileprivate var hasExchanges: Bool { parts.contains { $0.resource == .channel } }
}

extension WeaveProblem {
    /// Whether there is anything to overlap.
    package var hasExchanges: Bool { forward.hasExchanges || backward.hasExchanges }

    /// How a step is woven before its costs are known: a part of each in turn, and a weight gradient as soon as it can be,
    /// so that what it keeps is freed early.
    var unmeasuredWeave: Weave {
        var turns: [Weave.Turn] = []
        var weight = 0
        for part in 0..<max(forward.parts.count, backward.parts.count) {
            if part < forward.parts.count { turns.append(.forward) }
            guard part < backward.parts.count else { continue }
            turns.append(.backward)
            while weight < weights.count, let after = weights[weight].after, after <= part {
                turns.append(.weights)
                weight += 1
            }
        }
        return Weave(turns + repeatElement(.weights, count: weights.count - weight))
    }
}
