import ArgumentParser
import Foundation
import LibTorch
import PipelineTraining
import TrainingRecipes
import TrainingRuns

/// Continues a prompt with a trained model.
struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Continue a prompt with a trained model.")

    @Argument var folder: String
    @Option(parsing: .unconditional) var prompt: String
    @Option var tokens: Int
    @Option var temperature: Double
    @Option var topK = 0
    @Option var topP = 1.0
    @Option(parsing: .unconditionalSingleValue) var stop: [String] = []
    @Option var seed: UInt64

    func run() throws {
        try LibTorchRuntime.setThreads(1)
        let folder = RunFolder(url: URL(filePath: folder, directoryHint: .isDirectory))
        let recipe = try folder.loadRecipe { [UInt8](try Data(contentsOf: URL(filePath: $0))) }
        let bytes = [UInt8](prompt.utf8)
        let sampler = try TextSampler(recipe, folder: folder, length: max(bytes.count, 1) + tokens)
        let sampling = Sampling(temperature: temperature, topK: topK, topP: topP, seed: seed)
        var output = TextOutput()
        var stops = StopTexts(stop)
        try output.write(bytes)
        try sampler.continuation(of: bytes, count: tokens, sampling: sampling) {
            try output.write(stops.add([$0]))
            return !stops.isReached
        }
        try output.write(stops.end())
        try output.end()
    }
}
