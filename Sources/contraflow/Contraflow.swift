import ArgumentParser
import Dispatch
import TrainingRuns
import TrainingRecipes

/// The `contraflow` command.
@main
struct Contraflow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contraflow",
        abstract: "Train, balance, plan and analyze Mixture-of-Experts models on many devices.",
        discussion: """
            Examples:
              contraflow doctor
              contraflow train --preset debug
              contraflow plan --ranks 8 --microbatches 20
              contraflow balance loads.json --replicas 288 --gpus 32
              contraflow analyze traces/
            """,
        version: contraflowVersion,
        subcommands: [
            TrainCommand.self, GenerateCommand.self, PlanCommand.self, BalanceCommand.self, AnalyzeCommand.self,
            DoctorCommand.self,
        ])

    /// Runs the command, or reports an unknown subcommand. Names of options may have `_` instead of `-`.
    static func main() {
        let words = Array(CommandLine.arguments.dropFirst())
        if let word = words.first, let message = answer(toUnknown: word) { exit(withError: ValidationError(message)) }
        let end = words.firstIndex(of: "--") ?? words.endIndex
        run(words[..<end].map(withHyphens) + words[end...])
    }

    /// Runs a command on the main thread or, if the command starts processes, in a task. The stack and the memory of
    /// the main thread are faster than those of a task.
    private static func run(_ words: [String]) {
        do {
            var command = try parseAsRoot(words)
            guard var task = command as? any AsyncParsableCommand else { return try command.run() }
            Task {
                do { try await task.run() } catch { exit(withError: error) }
                exit()
            }
            dispatchMain()
        } catch {
            exit(withError: error)
        }
    }

    private static func answer(toUnknown word: String) -> String? {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName }
        guard !word.hasPrefix("-"), word != "help", !names.contains(word) else { return nil }
        let near = NearName.of(word, among: names).map { "did you mean '\($0)'?" }
        return "there is no command '\(word)': \(near ?? "give one of \(names.joined(separator: ", "))")"
    }

    /// Replaces `_` by `-` in the name of an option. The value stays unchanged.
    private static func withHyphens(_ word: String) -> String {
        guard word.hasPrefix("--") else { return word }
        let name = word.prefix { $0 != "=" }
        return String(name).replacing("_", with: "-") + word.dropFirst(name.count)
    }
}
