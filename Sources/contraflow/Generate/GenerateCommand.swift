import ArgumentParser
import Foundation
import TrainingRuns

/// Generates text with a trained model.
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Continue a prompt with a trained model.",
        usage: "contraflow generate [<options>] <run>",
        discussion: """
            Examples:
              contraflow generate runs/shakespeare --prompt "ROMEO."
              contraflow generate runs/shakespeare --prompt "ROMEO." --temperature 0 --tokens 100
            """)

    @Argument(help: ArgumentHelp("The folder of the run.", valueName: "run"))
    var folder: String

    @Option(help: ArgumentHelp("The text to continue; a line break by default.", valueName: "text"))
    var prompt: String?

    @Option(help: ArgumentHelp("Number of tokens to generate.", valueName: "n"))
    var tokens = 400

    @Option(help: ArgumentHelp("Sampling temperature; 0 always takes the most likely token.", valueName: "t"))
    var temperature = 0.8

    @Option(help: ArgumentHelp("Seed of the sampling.", valueName: "n"))
    var seed: UInt64 = 1

    func validate() throws {
        if tokens < 1 { throw ValidationError("--tokens is \(tokens): give at least 1") }
        if temperature < 0 || !temperature.isFinite {
            throw ValidationError("--temperature is \(temperature): give 0 or more")
        }
    }

    func run() throws {
        let run = RunFolder(url: URL(filePath: folder, directoryHint: .isDirectory))
        guard FileManager.default.fileExists(atPath: run.recipe.path) else {
            throw CommandError("\(folder) is not the folder of a run: it has no recipe.toml")
        }
        // The worker replaces this process, so that it has the terminal and receives the signals.
        try WorkerProgram.find().replaceProcess(arguments: [
            "generate", folder, "--prompt", prompt ?? "\n", "--tokens", "\(tokens)", "--temperature",
            "\(temperature)", "--seed", "\(seed)",
        ])
    }
}
