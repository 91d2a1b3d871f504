import Foundation
import PipelineSchedules
import SchedulePlanning

/// Returns the median time of `runs` runs in seconds.
func medianSeconds(_ runs: Int, _ body: () throws -> Void) rethrows -> Double {
    var seconds: [Double] = []
    let clock = ContinuousClock()
    for _ in 0..<runs {
        let start = clock.now
        try body()
        seconds.append((clock.now - start) / .seconds(1))
    }
    return seconds.sorted()[runs / 2]
}

func text(_ value: Double, _ digits: Int = 2) -> String { String(format: "%.\(digits)f", value) }

/// Returns the peak resident memory of the process so far, in bytes; nil if the system does not report it.
private func peakResidentBytes() -> Int? {
    let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let number = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
    return number.flatMap { Int($0) }.map { $0 * 1024 }
}

/// Measures building, validating and simulating schedules of growing size.
///
/// The peak memory is taken after the first run of each size. Sizes grow, so that the process's peak belongs to that
/// run.
func measureSpeed() throws {
    print(
        "| schedule | ranks | micro-batches | actions | build ms | validate ms | simulate ms | all ms | M actions/s | "
            + "peak MB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    let cases: [(BuiltInSchedule, Int, Int)] = [
        (.dualPipeV, 8, 64), (.dualPipeV, 16, 256), (.dualPipe, 8, 4096), (.oneForwardOneBackward, 8, 4096),
        (.dualPipe, 64, 1024), (.dualPipe, 256, 2048), (.dualPipe, 1024, 8192),
    ]
    for (kind, ranks, microbatches) in cases {
        let runs = ranks == 1024 ? 3 : 9
        let costs = PipelineCosts.unit(1000)
        var peak: Int?
        let all = try medianSeconds(runs) {
            let built = try kind.build(ranks: ranks, microbatches: microbatches)
            try built.validate()
            _ = try Simulation(built, costs: costs)
            peak = peak ?? peakResidentBytes()
        }
        let schedule = try kind.build(ranks: ranks, microbatches: microbatches)
        let actions = Double(schedule.actionCount)
        let build = try medianSeconds(runs) { _ = try kind.build(ranks: ranks, microbatches: microbatches) }
        let validate = try medianSeconds(runs) { try schedule.validate() }
        let simulate = try medianSeconds(runs) { _ = try Simulation(schedule, costs: costs) }
        let cells = [
            kind.title, "\(ranks)", "\(microbatches)", text(actions, 0), text(build * 1e3), text(validate * 1e3),
            text(simulate * 1e3), text(all * 1e3), text(actions / simulate / 1e6, 1),
            peak.map { text(Double($0) / 1e6, 0) } ?? "",
        ]
        print("| \(cells.joined(separator: " | ")) |")
    }
}
