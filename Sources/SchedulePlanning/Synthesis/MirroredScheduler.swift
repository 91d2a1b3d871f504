import PipelineSchedules

/// A scheduler that builds schedules from their end to their start. A list scheduler makes its best choices at the
/// beginning of its run, so that these schedules end well.
///
/// Seen from the end, a micro-batch's backwards run from the first stage to the last, and then its forwards from the
/// last stage to the first. This is the same problem with forwards and backwards exchanged. Weight gradients fill gaps
/// afterwards.
struct MirroredScheduler {
    private let layout: StageLayout
    private var scheduler: ListScheduler
    private var filler: WeightFiller
    private var loop: SimulationLoop

    init(_ chains: [Chain], rankCount: Int, costs: PipelineCosts, activationLimit: Int) {
        layout = StageLayout(chains)
        var mirrored = costs
        mirrored.stages = costs.stages.map {
            StageCosts(
                forward: $0.backward, inputGradient: $0.forward, weightGradient: 0,
                forwardCommunication: $0.backwardCommunication, backwardCommunication: $0.forwardCommunication)
        }
        scheduler = ListScheduler(chains, rankCount: rankCount, costs: mirrored, activationLimit: activationLimit)
        filler = WeightFiller(layout, rankCount: rankCount, costs: costs, activationLimit: activationLimit)
        loop = SimulationLoop(layout, costs: costs, rankCount: rankCount)
    }

    /// Returns the rows that the settings lead to, and the end of the last action; nil if the limit stops every rank.
    mutating func run(_ settings: ListSchedulerSettings) -> (rows: [[Step]], makespan: Int64)? {
        guard let made = scheduler.run(settings) else { return nil }
        return filler.completed(made.rows.map { $0.reversed().compactMap(mirrored) }, timedBy: &loop)
    }

    /// Returns the step as seen from the other end; nil for a weight gradient.
    private func mirrored(_ step: Step) -> Step? {
        guard let first = step.first, first.kind != .weightGradient else { return nil }
        guard let second = step.second else { return Step(mirrored(first, fullBackward: false)) }
        return Step(overlapping: mirrored(second, fullBackward: false), with: mirrored(first, fullBackward: true))
    }

    private func mirrored(_ action: Action, fullBackward: Bool) -> Action {
        let kind: ActionKind = action.kind != .forward ? .forward : fullBackward ? .backward : .inputGradient
        return Action(
            kind, stage: action.stage, microbatch: layout.microbatchCounts[action.stage] - 1 - action.microbatch)
    }
}
