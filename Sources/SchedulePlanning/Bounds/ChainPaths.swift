import PipelineSchedules

/// Lower bounds on times along the chains, for each stage: when the first micro-batch arrives, how long an activation
/// is held, and how much time follows the last micro-batch.
struct ChainPaths {
    var firstForward: [Int64] = []
    var firstBackward: [Int64] = []
    var afterLastForward: [Int64] = []
    var afterBackward: [Int64] = []
    /// The shortest time for which an activation is held if no action between its forward and its backward is part of a
    /// pair.
    var unpairedResidency: [Int64] = []
    var weightGradient: [Int64] = []
    var latency: Int64 = 0

    init(_ layout: StageLayout, _ chains: [Chain], _ costs: PipelineCosts, allowsOverlap: Bool) {
        for chain in chains {
            let stages = chain.stages.map { MinimumStageTimes($0, layout, costs, allowsOverlap: allowsOverlap) }
            let moves = chain.ranks.indices.dropFirst().map {
                (
                    down: costs.transfer(from: chain.ranks[$0 - 1], to: chain.ranks[$0]),
                    up: costs.transfer(from: chain.ranks[$0], to: chain.ranks[$0 - 1])
                )
            }
            // No pair is possible before the first micro-batch has reached the end of its chain.
            var forward: [Int64] = [0]
            for index in stages.indices.dropLast() {
                forward.append(forward[index] + stages[index].unpairedForward + moves[index].down)
            }
            let forwardEnd = (forward.last ?? 0) + (stages.last?.unpairedForward ?? 0)
            // `backward`: from the end of the last stage's forward to the start of each stage's backward. `successors`:
            // from the end of each stage's forward to the end of the last stage's forward. `predecessors`: from the end
            // of each stage's input gradient to the end of the first stage's backward.
            var backward = [Int64](repeating: 0, count: stages.count)
            var successors = backward
            for index in stages.indices.dropLast().reversed() {
                backward[index] = backward[index + 1] + stages[index + 1].inputGradient + moves[index].up
                successors[index] = successors[index + 1] + moves[index].down + stages[index + 1].forward
            }
            var predecessors = [Int64](repeating: 0, count: stages.count)
            for index in stages.indices.dropFirst() {
                let rest = index == 1 ? stages[0].backward : predecessors[index - 1] + stages[index - 1].inputGradient
                predecessors[index] = moves[index - 1].up + rest
            }
            let backwardLatency = backward[0] + stages[0].backward
            firstForward += forward
            firstBackward += backward.map { forwardEnd + $0 }
            afterLastForward += successors.map { $0 + backwardLatency }
            afterBackward += predecessors
            weightGradient += stages.map(\.weightGradient)
            unpairedResidency += unpairedTimes(chain, moves.map { $0.down + $0.up }, costs)
            if chain.microbatchCount > 0 { latency = max(latency, forwardEnd + backwardLatency) }
        }
    }
}

/// Returns, for each stage, the time from the start of its forward to the end of its weight gradient if no action in
/// between is part of a pair and the weight gradient follows its input gradient directly.
private func unpairedTimes(_ chain: Chain, _ moves: [Int64], _ costs: PipelineCosts) -> [Int64] {
    var beyond: Int64 = 0
    var times: [Int64] = []
    for (index, stage) in chain.stages.enumerated().reversed() {
        let own = costs.stage(stage)
        if index < moves.count { beyond += moves[index] }
        times.append(own.forward + beyond + own.backward)
        beyond += own.forward + own.inputGradient
    }
    return times.reversed()
}

/// The shortest time that each pass of a stage takes for one micro-batch, alone or in a pair. A pair that saves much
/// may be shorter than one of its two actions.
struct MinimumStageTimes {
    let unpairedForward: Int64
    let weightGradient: Int64
    var forward: Int64
    var inputGradient: Int64
    var backward: Int64

    init(_ stage: Int, _ layout: StageLayout, _ costs: PipelineCosts, allowsOverlap: Bool) {
        let own = costs.stage(stage)
        unpairedForward = own.forward
        weightGradient = own.weightGradient
        forward = own.forward
        inputGradient = own.inputGradient
        backward = own.backward
        guard allowsOverlap else { return }
        let pair = PairCost(costs)
        for other in layout.ranks.indices where layout.ranks[other] == layout.ranks[stage] {
            let partner = costs.stage(other)
            let half = pair.length(partner, own, isFull: false)
            let full = pair.length(partner, own, isFull: true)
            inputGradient = min(inputGradient, half, full)
            backward = min(backward, full, half + own.weightGradient)
            forward = min(forward, pair.length(own, partner, isFull: false), pair.length(own, partner, isFull: true))
        }
    }
}
