import ArgumentParser
import DistributedRuntime
import Foundation
import LibTorch
import TrainingRecipes

/// Measures a forward and a backward that run together on one rank, with several exchanges of tokens, beside their
/// computation alone, and prints JSON.
///
/// The tokens are sent in a group of one rank: all of them leave the model, cross the device's memory, and return. With
/// NCCL, an exchange occupies the given number of blocks (SMs).
struct PairBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "pair")

    @Option var device = PairModel.Device.cpu
    @Option(help: "Measurements per row; the median counts.") var rounds = 3

    func run() throws {
        // On a device, the threads only draw the initial values.
        try LibTorchRuntime.setThreads(device == .cpu ? 1 : ProcessInfo.processInfo.activeProcessorCount)
        let folder = FileManager.default.temporaryDirectory.appending(path: "pair-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Every group has a rendezvous of its own.
        func place() throws -> RankContext {
            try RankContext(environment: [
                "RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0",
                "CONTRAFLOW_RENDEZVOUS_FILE": folder.appending(path: UUID().uuidString).path,
            ])
        }
        let recipe = PairModel.recipe(device)
        try place().useDevice(recipe.training.device, ranksPerDevice: 1)
        let model = try PairModel(recipe, place())
        let alone = try PairWorkload(model, place(), exchange: nil, overlaps: false)
        let exchanging = try PairExchange.all(device).flatMap { exchange in
            try [false, true].map { try PairWorkload(model, place(), exchange: exchange, overlaps: $0) }
        }
        let workloads = [alone] + exchanging
        for workload in workloads { try workload.prepare() }
        var times = workloads.map { _ in [Double]() }
        for _ in 0..<rounds {
            for (index, workload) in workloads.enumerated() { times[index].append(try workload.secondsPerPair()) }
        }
        let medians = times.map { $0.sorted()[$0.count / 2] }
        let rows = zip(workloads, medians).map { workload, median in
            Answer.Row(
                exchange: workload.exchange, isOverlapped: workload.overlaps, milliseconds: 1e3 * median,
                ratio: median / medians[0])
        }
        let answer = Answer(device: device.rawValue, tokens: model.tokenCount, rows: rows)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        FileHandle.standardOutput.write(try encoder.encode(answer) + Data("\n".utf8))
    }

    private struct Answer: Encodable {
        struct Row: Encodable {
            let exchange: String?
            let isOverlapped: Bool
            /// The time of a pair.
            let milliseconds: Double
            /// The time of a pair, divided by that of its computation alone.
            let ratio: Double
        }

        let device: String
        /// Tokens per micro-batch.
        let tokens: Int
        let rows: [Row]
    }
}
