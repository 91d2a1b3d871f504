import ArgumentParser
import Foundation
import PipelineSchedules
import PipelineTraining
import SchedulePlanning

/// Prints the simulated length of a step of layers, in nanoseconds: the schedule's simulation, at what each woven action
/// takes by the simulation of its weave. The subject is read from standard input.
struct LayerTheory: ParsableCommand {
    @Option var ranks: Int

    func run() throws {
        let data = try FileHandle.standardInput.readToEnd() ?? Data()
        let subject = try JSONDecoder().decode(StepRequest.Subject.self, from: data)
        guard let layers = subject.layers, let builtIn = BuiltInSchedule(rawValue: subject.schedule) else {
            throw UnknownSchedule(name: subject.schedule)
        }
        let schedule = try builtIn.build(ranks: ranks, microbatches: subject.microbatches)
        let backward = layers.backwardParts(withWeights: true)
        func length(_ forward: WeaveSequence, _ backward: WeaveSequence, _ weights: [WeightPart]) throws -> Int64 {
            let problem = try WeaveProblem(forward: forward, backward: backward, weights: weights)
            guard layers.isWoven else { return try WeaveSimulation(.sequential(problem), of: problem).makespan }
            return WeavePlanner().plan(problem).makespan
        }
        let none = WeaveSequence()
        let forward = try length(layers.forwardParts.sequence, none, [])
        let whole = try length(none, backward.sequence, backward.weights)
        let weights = layers.weightParts.reduce(0) { $0 + $1.cost }
        let pair = try length(layers.forwardParts.sequence, backward.sequence, backward.weights)
        let stage = StageCosts(forward: forward, inputGradient: whole - weights, weightGradient: weights)
        let costs = PipelineCosts(
            stages: Array(repeating: stage, count: schedule.chains.last?.stages.upperBound ?? 0),
            overlapSaving: 1 - Double(pair) / Double(forward + whole))
        let simulation = try Simulation(schedule, costs: costs)
        print(simulation.makespan, pair)
    }
}
