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
        let recipe = try folder.loadRecipe()
        try recipe.checkModel()
        let (codec, note) = try folder.textCodec(recipe, environment: ProcessInfo.processInfo.environment)
        if let note { Self.show(note) }
        let start = try codec.tokens(ofPrompt: prompt)
        let sampler = try TextSampler(recipe, folder: folder, length: start.count + tokens)
        if !sampler.isVerified {
            Self.show(
                "\(folder.weights.relativePath) has no \(CheckpointManifest.fileName): its files were not checked")
        }
        let sampling = Sampling(temperature: temperature, topK: topK, topP: topP, seed: seed)
        var output = TextOutput()
        var stops = StopTexts(stop)
        if note == nil { try output.write(Array(prompt.utf8)) }
        try sampler.continuation(of: start, below: codec.vocabSize, count: tokens, sampling: sampling) { token in
            if token == codec.endToken { return false }
            try output.write(stops.add(codec.text(ofNext: token)))
            return !stops.isReached
        }
        try output.write(stops.add(codec.rest()) + stops.end())
        try output.end()
    }

    private static func show(_ note: String) {
        try? FileHandle.standardError.write(contentsOf: Data("note: \(note)\n".utf8))
    }
}
