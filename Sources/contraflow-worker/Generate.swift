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
    @Option var seed: UInt64

    func run() throws {
        try LibTorchRuntime.setThreads(1)
        let folder = RunFolder(url: URL(filePath: folder, directoryHint: .isDirectory))
        let recipe = try folder.loadRecipe { [UInt8](try Data(contentsOf: URL(filePath: $0))) }
        let bytes = [UInt8](prompt.utf8)
        let sampler = try TextSampler(recipe, folder: folder, length: max(bytes.count, 1) + tokens)
        let output = FileHandle.standardOutput
        try output.write(contentsOf: Data(bytes))
        try sampler.continuation(of: bytes, count: tokens, temperature: temperature, seed: seed) {
            try output.write(contentsOf: Data([$0]))
        }
        try output.write(contentsOf: Data("\n".utf8))
    }
}
