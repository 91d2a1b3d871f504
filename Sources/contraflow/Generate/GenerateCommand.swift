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
              contraflow generate runs/shakespeare --top-k 40 --top-p 0.95 --stop JULIET
            """)

    @Argument(help: ArgumentHelp("The folder of the run.", valueName: "run"))
    var folder: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The text to continue; a line break by default.", valueName: "text"))
    var prompt: String?

    @Option(help: ArgumentHelp("Number of tokens to generate.", valueName: "n"))
    var tokens = 400

    @Option(help: ArgumentHelp("Sampling temperature; 0 always takes the most likely token.", valueName: "t"))
    var temperature = 0.8

    @Option(
        help: ArgumentHelp("Choose from the n most likely tokens; 0 for all.", valueName: "n"))
    var topK = 0

    @Option(
        help: ArgumentHelp("Choose from the most likely tokens that together have this probability.", valueName: "p"))
    var topP = 1.0

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("End the text before this one. Repeatable.", valueName: "text"))
    var stop: [String] = []

    @Option(help: ArgumentHelp("Seed of the sampling.", valueName: "n"))
    var seed: UInt64 = 1

    func validate() throws {
        if tokens < 1 { throw ValidationError("--tokens is \(tokens): give at least 1") }
        if temperature < 0 || !temperature.isFinite {
            throw ValidationError("--temperature is \(temperature): give 0 or more")
        }
        if topK < 0 { throw ValidationError("--top-k is \(topK): give 1 or more, or 0 for all tokens") }
        if !(topP > 0 && topP <= 1) { throw ValidationError("--top-p is \(topP): give more than 0 and at most 1") }
        if stop.contains("") { throw ValidationError("--stop is empty: give a text") }
    }

    func run() throws {
        let run = RunFolder(url: URL(filePath: folder, directoryHint: .isDirectory))
        guard FileManager.default.fileExists(atPath: run.recipe.path) else {
            throw CommandError("\(folder) is not the folder of a run: it has no recipe.toml")
        }
        // The worker replaces this process, so that it has the terminal and receives the signals.
        try WorkerProgram.find().replaceProcess(
            arguments: [
                "generate", folder, "--prompt", prompt ?? "\n", "--tokens", "\(tokens)", "--temperature",
                "\(temperature)", "--top-k", "\(topK)", "--top-p", "\(topP)", "--seed", "\(seed)",
            ] + stop.flatMap { ["--stop", $0] })
    }
}
