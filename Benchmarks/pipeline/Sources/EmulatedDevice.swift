public import ArgumentParser
import Foundation
import LibTorch
public import PipelineSchedules
import PipelineTraining
import SchedulePlanning
import Timelines

/// One rank of a schedule on emulated devices; rank 0 prints the step's time beside the simulated one.
@main
struct EmulatedDevice: ParsableCommand {
    @Option var schedule: BuiltInSchedule
    @Option var microbatches: Int
    @Option(help: "The length of a block's F, I and W each, in microseconds; there are two blocks a rank.")
    var block = 20_000
    @Option var steps = 5

    func run() throws {
        // The kernel's default slack of 50 µs would lengthen every sleep.
        try Data("1000".utf8).write(to: URL(filePath: "/proc/self/timerslack_ns"))
        try LibTorchRuntime.setThreads(1)
        let place = try WorldPlace(environment: ProcessInfo.processInfo.environment)
        let group = place.worldSize > 1 ? try place.meet()(Array(0..<place.worldSize)) : nil
        let schedule = try self.schedule.build(ranks: place.worldSize, microbatches: microbatches)
        let blocksOfStage = 2 * place.worldSize / schedule.chains[0].stages.count
        let kernel = Int64(block * 1000 * blocksOfStage)

        let recorder = SpanRecorder(rank: place.rank)
        let shape = [1, 256, 512]
        let value = try Tensor.zeros(shape, .float32)
        var stages: [Int: EmulatedStage] = [:]
        for stage in schedule.stages(ofRank: place.rank) {
            let chain = schedule.chains[schedule.chainIndex(ofStage: stage) ?? 0]
            stages[stage] = EmulatedStage(
                kernel: kernel, output: stage == chain.stages.upperBound - 1 ? nil : value,
                inputGradient: stage == chain.stages.lowerBound ? nil : value)
        }
        let executor = StepExecutor(
            program: RankProgram(schedule, rank: place.rank), kernels: stages, group: group,
            boundary: (shape, .float32), recorder: recorder)
        var times: [Int64] = []
        var spans = 0
        for _ in 0..<steps + 1 {
            try group?.barrier()
            let start = monotonicNow()
            try executor.run()
            try group?.barrier()
            times.append(monotonicNow() - start)
            spans = recorder.timeline.spans.count
            recorder.clear()
        }
        guard place.rank == 0 else { return }
        let measured = Double(times.dropFirst().sorted()[steps / 2]) / 1e9
        let actions = schedule.rows.reduce(0) { max($0, $1.reduce(0) { $0 + $1.actionCount }) }
        guard kernel > 0 else {
            print(String(format: "%.2f", measured * 1e6 / Double(actions)), "(\(actions) actions, \(spans) spans)")
            return
        }
        let sleeps = stages.values.map(\.sleep)
        let stretch = Double(sleeps.reduce(0) { $0 + $1.taken }) / Double(sleeps.reduce(0) { $0 + $1.asked })
        let theory = Double(try Simulation(schedule, costs: .unit(kernel)).makespan) / 1e9
        print(
            String(
                format: "%.4f %.4f %.4f %.2f", theory, theory * stretch, measured,
                100 * (measured / (theory * stretch) - 1)))
    }
}

extension BuiltInSchedule: ExpressibleByArgument {}
