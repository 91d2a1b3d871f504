import ArgumentParser
import Foundation
import PipelineSchedules
import SchedulePlanning

/// Prints what a step takes where kernels take what they are said to and nothing else takes time, in nanoseconds.
struct Theory: ParsableCommand {
    @Option(help: "A built-in schedule; without it, a CSV of one chain is read from standard input.")
    var schedule: String?
    @Option var ranks: Int
    @Option var microbatches: Int
    @Option(help: "Blocks of the whole model.")
    var blocks: Int
    @Option(help: "The length of a block's F, I and W each, in nanoseconds.")
    var kernel: Int64

    func run() throws {
        let schedule =
            if let name = self.schedule {
                try built(name)
            } else {
                try Schedule(csv: [UInt8](FileHandle.standardInput.readToEnd() ?? Data()))
            }
        let blocksOfStage = Int64(blocks / schedule.chains[0].stages.count)
        print(try Simulation(schedule, costs: .unit(kernel * blocksOfStage)).makespan)
    }

    private func built(_ name: String) throws -> Schedule {
        guard let builtIn = BuiltInSchedule(rawValue: name) else { throw UnknownSchedule(name: name) }
        return try builtIn.build(ranks: ranks, microbatches: microbatches)
    }
}
