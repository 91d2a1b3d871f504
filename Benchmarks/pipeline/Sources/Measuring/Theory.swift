import PipelineRuntime
import ArgumentParser
import Foundation
import PipelineSchedules
import SchedulePlanning

/// Prints the simulated time of a step in nanoseconds, if kernels take their nominal time and all else takes no time.
struct Theory: ParsableCommand {
    @Option(help: "A built-in schedule. Without it, a CSV of one chain is read from standard input.")
    var schedule: String?
    @Flag(help: "Send the result of a pair's forward before its backward runs, as Contraflow does, not after both.")
    var pairsInTurn = false
    @Option var ranks: Int
    @Option var microbatches: Int
    @Option(help: "The number of blocks of the whole model.")
    var blocks: Int
    @Option(help: "The length of each of a block's F, I and W, in nanoseconds.")
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
