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
    @Option var prompt: String
    @Option var tokens: Int
    @Option var temperature: Double
    @Option var seed: UInt64

    func run() throws {
        try LibTorchRuntime.setThreads(1)
        let folder = RunFolder(url: URL(filePath: folder, directoryHint: .isDirectory))
        let recipe = try folder.loadRecipe { [UInt8](try Data(contentsOf: URL(filePath: $0))) }
        let bytes = [UInt8](prompt.utf8)
        let sampler = try TextSampler(recipe, folder: folder, length: max(bytes.count, 1) + tokens)
        let output = FileHandle.standardOutput
        output.write(Data(bytes))
        try sampler.continuation(of: bytes, count: tokens, temperature: temperature, seed: seed) {
            output.write(Data([$0]))
        }
        output.write(Data("\n".utf8))
    }
}
