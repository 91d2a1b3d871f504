import ContraflowCharts
import Foundation
import PipelineSchedules
import SchedulePlanning

/// Builds eager 1F1B: 1F1B with twice the warm-up, so that a transfer has a whole step to arrive.
///
/// Rank r runs 2 (P - r) - 1 forwards before its first backward, where 1F1B runs P - r. The extra activations hide
/// transfers that take up to half of a forward and a backward.
func eager1F1B(ranks: Int, microbatches: Int) -> Schedule {
    let rows = (0..<ranks).map { rank -> [Step] in
        func forward(_ microbatch: Int) -> Step { Step(Action(.forward, stage: rank, microbatch: microbatch)) }
        func backward(_ microbatch: Int) -> Step { Step(Action(.backward, stage: rank, microbatch: microbatch)) }
        let warmup = min(2 * (ranks - rank) - 1, microbatches)
        let steady = (warmup..<microbatches).flatMap { [backward($0 - warmup), forward($0)] }
        let drain = (microbatches - warmup..<microbatches).map(backward)
        return (0..<warmup).map(forward) + steady + drain
    }
    let chain = Chain(stages: 0..<ranks, ranks: Array(0..<ranks), microbatchCount: microbatches)
    return Schedule(name: "eager 1F1B", chains: [chain], rows: rows)
}

// Costs in nanoseconds: a forward of 10 ms, input and weight gradients of 10 ms each, 4 ms per transfer.
var costs = PipelineCosts.unit(10_000_000)
costs.transfer = 4_000_000

let eager = eager1F1B(ranks: 4, microbatches: 12)
for schedule in [try BuiltInSchedule.oneForwardOneBackward.build(ranks: 4, microbatches: 12), eager] {
    // The validator names the first action that is missing, repeated or in an order that cannot run.
    let report = try schedule.validate()
    let simulation = try Simulation(schedule, costs: costs)
    let milliseconds = Double(simulation.stepTime) / 1e6
    let bubble = Int((100 * simulation.bubbleShare).rounded())
    print("\(schedule.name): \(milliseconds) ms, bubble \(bubble) %, peak activations \(report.peakActivations)")
}

// The CSV trains: contraflow train --schedule eager.csv --pp 4 --ep 1 --parallelism.num_microbatches 12
let folder = URL(filePath: CommandLine.arguments.dropFirst().first ?? ".")
try Data(eager.csv().utf8).write(to: folder.appending(path: "eager.csv"))
let chart = ScheduleChart(
    title: eager.name, timeline: try Simulation(eager, costs: costs).timeline, chains: eager.chains)
try Data(chart.svg().utf8).write(to: folder.appending(path: "eager.svg"))
