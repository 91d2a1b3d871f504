import ArgumentParser
import Foundation
import TrainingRuns

/// Samples from a trained model.
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Continue a prompt with a trained model.",
        discussion: """
            Examples:
              contraflow generate runs/shakespeare --prompt "ROMEO."
              contraflow generate runs/shakespeare --prompt "ROMEO." --temperature 0 --tokens 100
            """)

    @Argument(help: ArgumentHelp("The run's folder.", valueName: "run"))
    var folder: String

    @Option(help: "The text to continue.")
    var prompt = "\n"

    @Option(help: "How many tokens to add.")
    var tokens = 400

    @Option(help: "What scores are divided by: 0 always takes the best, 1 samples as the model says.")
    var temperature = 0.8

    @Option(help: "Decides what is sampled.")
    var seed: UInt64 = 1

    func validate() throws {
        if tokens < 1 { throw ValidationError("--tokens is \(tokens): give at least 1") }
        if temperature < 0 || !temperature.isFinite { throw ValidationError("--temperature must be 0 or more") }
    }

    func run() throws {
        let run = RunFolder(url: URL(filePath: folder, directoryHint: .isDirectory))
        guard FileManager.default.fileExists(atPath: run.recipe.path) else {
            throw CommandError("\(folder) is not a run's folder: it has no recipe.toml")
        }
        // The worker takes this process's place, its terminal and its signals.
        try WorkerProgram.find().replaceProcess(arguments: [
            "generate", folder, "--prompt", prompt, "--tokens", "\(tokens)", "--temperature", "\(temperature)",
            "--seed", "\(seed)",
        ])
    }
}
