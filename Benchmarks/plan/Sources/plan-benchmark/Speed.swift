import Foundation
import PipelineSchedules
import SchedulePlanning

/// Seconds of each run, of which the median counts.
func medianSeconds(_ runs: Int, _ body: () throws -> Void) rethrows -> Double {
    var seconds: [Double] = []
    let clock = ContinuousClock()
    for _ in 0..<runs {
        let start = clock.now
        try body()
        let (whole, attoseconds) = (clock.now - start).components
        seconds.append(Double(whole) + Double(attoseconds) * 1e-18)
    }
    return seconds.sorted()[runs / 2]
}

func text(_ value: Double, _ digits: Int = 2) -> String { String(format: "%.\(digits)f", value) }

/// Builds, validates and simulates schedules of growing size.
func measureSpeed() throws {
    print(
        "| schedule | ranks | micro-batches | actions | build ms | validate ms | simulate ms | all ms | M actions/s |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    let cases: [(BuiltInSchedule, Int, Int)] = [
        (.dualPipeV, 8, 64), (.dualPipeV, 16, 256), (.dualPipe, 8, 4096), (.dualPipe, 64, 1024),
        (.dualPipe, 256, 2048), (.oneForwardOneBackward, 8, 4096), (.dualPipe, 1024, 8192),
    ]
    for (kind, ranks, microbatches) in cases {
        let runs = ranks == 1024 ? 1 : 9
        let costs = PipelineCosts.unit(1000)
        let schedule = try kind.build(ranks: ranks, microbatches: microbatches)
        let actions = Double(schedule.actionCount)
        let build = try medianSeconds(runs) { _ = try kind.build(ranks: ranks, microbatches: microbatches) }
        let validate = try medianSeconds(runs) { try schedule.validate() }
        let simulate = try medianSeconds(runs) { _ = try Simulation(schedule, costs: costs) }
        let all = try medianSeconds(runs) {
            let built = try kind.build(ranks: ranks, microbatches: microbatches)
            try built.validate()
            _ = try Simulation(built, costs: costs)
        }
        let cells = [
            kind.title, "\(ranks)", "\(microbatches)", text(actions, 0), text(build * 1e3), text(validate * 1e3),
            text(simulate * 1e3), text(all * 1e3), text(actions / simulate / 1e6, 1),
        ]
        print("| \(cells.joined(separator: " | ")) |")
    }
}
