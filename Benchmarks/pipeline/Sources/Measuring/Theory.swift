import PipelineRuntime
import ArgumentParser
import Foundation
import PipelineSchedules
import SchedulePlanning

/// Prints what a step takes where kernels take what they are said to and nothing else takes time, in nanoseconds.
struct Theory: ParsableCommand {
    @Option(help: "A built-in schedule; without it, a CSV of one chain is read from standard input.")
    var schedule: String?
    @Flag(help: "A pair's forward is handed on before its backward runs, as our executor does, and not behind both.")
    var pairsInTurn = false
    @Option var ranks: Int
    @Option var microbatches: Int
    @Option(help: "Blocks of the whole model.")
    var blocks: Int
    @Option(help: "The length of a block's F, I and W each, in nanoseconds.")
    var kernel: Int64

    func run() throws {
        var schedule =
            if let name = self.schedule {
                try built(name)
            } else {
                try Schedule(csv: [UInt8](FileHandle.standardInput.readToEnd() ?? Data()))
            }
        if pairsInTurn {
            schedule.rows = schedule.rows.map { row in
                row.flatMap { step in
                    var steps: [Step] = []
                    step.forEachAction { steps.append(Step($0)) }
                    return steps
                }
            }
        }
        let blocksOfStage = Int64(blocks / schedule.chains[0].stages.count)
        print(try Simulation(schedule, costs: .unit(kernel * blocksOfStage)).makespan)
    }

    private func built(_ name: String) throws -> Schedule {
        guard let builtIn = BuiltInSchedule(rawValue: name) else { throw UnknownSchedule(name: name) }
        return try builtIn.build(ranks: ranks, microbatches: microbatches)
    }
}
