import PipelineRuntime
import ArgumentParser
import Foundation
import LibTorch
import PipelineSchedules
import PipelineTraining
import SchedulePlanning

/// Prints the simulated times of a step of layers and of its actions as JSON. Every rank runs the overlapped steps of
/// its row in order, each as soon as its inputs have arrived, and each takes the simulated time of its plan. Transfers
/// between stages take no time. The subject is read from standard input.
struct LayerTheory: ParsableCommand {
    @Option var ranks: Int

    func run() throws {
        let data = try FileHandle.standardInput.readToEnd() ?? Data()
        let subject = try JSONDecoder().decode(StepRequest.Subject.self, from: data)
        guard let layers = subject.layers, let builtIn = BuiltInSchedule(rawValue: subject.schedule) else {
            throw UnknownSchedule(name: subject.schedule)
        }
        let schedule = try builtIn.build(ranks: ranks, microbatches: subject.microbatches)
        let forward = layers.forwardSegments.sequence
        let backward = layers.backwardSegments(withWeights: true)
        func length(_ problem: OverlapProblem) throws -> Int64 { try layers.plan(problem).makespan }
        let simulation = try LayerSimulation(schedule, layers)
        let times = LayerTimes(
            step: simulation.makespan, bubble: simulation.bubble, forward: try length(OverlapProblem(forward: forward)),
            backward: try length(OverlapProblem(backward: backward.sequence, weights: backward.weights)),
            weights: layers.weightSegments.reduce(0) { $0 + $1.cost },
            pair: try length(
                OverlapProblem(forward: forward, backward: backward.sequence, weights: backward.weights)))
        FileHandle.standardOutput.write(try JSONEncoder().encode(times))
    }
}

/// The times of a step and of its kinds of actions, each overlapped by itself, in nanoseconds.
private struct LayerTimes: Encodable {
    let step: Int64
    /// The mean idle time per rank.
    let bubble: Int64
    let forward, backward, weights, pair: Int64
}

/// The time in which all ranks finish their rows, and their idle time.
private struct LayerSimulation {
    private(set) var makespan: Int64 = 0
    /// The mean idle time per rank.
    private(set) var bubble: Int64 = 0

    init(_ schedule: Schedule, _ layers: LayerCosts) throws {
        let kernels = Dictionary(
            uniqueKeysWithValues: (schedule.chains[0].stages.lowerBound...(schedule.chains.last?.stages.upperBound ?? 1))
                .map { ($0, PricedLayers(layers) as any PipelineStage) })
        let rows = try (0..<schedule.rankCount).map { rank in
            try OverlappedStep.steps(of: RankProgram(schedule, rank: rank), kernels: kernels)
        }
        var overlapPlans: [OverlapProblem: OverlapSimulation] = [:]
        var next = [Int](repeating: 0, count: rows.count)
        var free = [Int64](repeating: 0, count: rows.count)
        var busy: Int64 = 0
        // The times at which the neighbouring stage receives the result of an action.
        var ends: [Action: Int64] = [:]
        func needed(_ instruction: RankProgram.Instruction?) -> Int64? {
            guard let instruction, instruction.source != .none else { return 0 }
            let action = instruction.action
            let isForward = action.kind == .forward
            return ends[
                Action(
                    isForward ? .forward : .backward, stage: action.stage + (isForward ? -1 : 1),
                    microbatch: action.microbatch)]
        }
        var hasMoved = true
        while hasMoved {
            hasMoved = false
            for rank in rows.indices {
                while next[rank] < rows[rank].count {
                    let step = rows[rank][next[rank]]
                    guard let first = needed(step.forward), let second = needed(step.backward) else { break }
                    let start = max(free[rank], first, second)
                    let plan: OverlapSimulation
                    if let known = overlapPlans[step.pattern.problem] {
                        plan = known
                    } else {
                        plan = try layers.plan(step.pattern.problem)
                        overlapPlans[step.pattern.problem] = plan
                    }
                    if let action = step.forward?.action { ends[action] = start + plan.forwardEnd }
                    if let action = step.backward?.action { ends[action.with(.backward)] = start + plan.backwardEnd }
                    free[rank] = start + plan.makespan
                    busy += plan.makespan
                    next[rank] += 1
                    hasMoved = true
                }
            }
        }
        makespan = free.max() ?? 0
        bubble = makespan - busy / Int64(rows.count)
    }
}

extension LayerCosts {
    /// Returns the simulation of a step of these layers.
    fileprivate func plan(_ problem: OverlapProblem) throws -> OverlapSimulation {
        try OverlapSimulation(isOverlapped ? OverlapPlanner().plan(problem).plan : .sequential(problem), of: problem)
    }
}

/// A stage that is never run.
private final class PricedLayers: PipelineStage {
    private let costs: LayerCosts

    init(_ costs: LayerCosts) {
        self.costs = costs
    }

    func segments(of kind: ActionKind) -> ActionSegments { costs.segments(of: kind) }

    func start(_ action: Action, input: Tensor?) throws -> ActionRun { ActionRun(advance: {}) }
}
