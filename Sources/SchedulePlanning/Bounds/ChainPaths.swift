import PipelineSchedules

/// When the first micro-batch can be where, how long any one stays, and how long the last one still takes.
struct ChainPaths {
    var firstForward: [Int64] = []
    var firstBackward: [Int64] = []
    var afterLastForward: [Int64] = []
    var afterBackward: [Int64] = []
    /// How long one activation is held at least where nothing that it waits for is in a pair.
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
            // Nothing can be paired before the first micro-batch has come to the end.
            var forward: [Int64] = [0]
            for index in stages.indices.dropLast() {
                forward.append(forward[index] + stages[index].unpairedForward + moves[index].down)
            }
            let forwardEnd = (forward.last ?? 0) + (stages.last?.unpairedForward ?? 0)
            // From the end of the last forward to the start of each stage's backward, from the end of each stage's
            // forward to that of the last, and from the end of each stage's input gradient to the end.
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

/// From the start of each stage's forward to the end of its input gradient, and its weight gradient, all of them alone.
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

/// The least that each part of a stage's work takes for the micro-batch itself, alone or in a pair; a pair that saves
/// much may be shorter than one of its two actions.
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
