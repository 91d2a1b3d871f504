import ArgumentParser
import CommandUsage
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
        let words = CommandLineWords.prepared(Array(CommandLine.arguments.dropFirst()))
        if let message = answer(toUnknown: words) { end(with: ValidationError(message), of: self) }
        run(words)
    }

    /// Runs a command on the main thread or, if the command starts processes, in a task. The stack and the memory of
    /// the main thread are faster than those of a task.
    private static func run(_ words: [String]) {
        var command: any ParsableCommand
        do {
            command = try parseAsRoot(words)
        } catch {
            end(with: error, words: words, suggestion: OptionHabits.suggestion)
        }
        let type = type(of: command)
        guard var task = command as? any AsyncParsableCommand else {
            do { return try command.run() } catch { end(with: error, of: type) }
        }
        Task {
            do { try await task.run() } catch { end(with: error, of: type) }
            exit()
        }
        dispatchMain()
    }

    /// Returns the message for words that begin with an unknown command.
    private static func answer(toUnknown words: [String]) -> String? {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName }
        guard let word = words.first == "help" ? words.dropFirst().first : words.first else { return nil }
        guard !word.hasPrefix("-"), !names.contains(word) else { return nil }
        let near = NearName.of(word, among: names).map { "did you mean '\($0)'?" }
        return "there is no command '\(word)': \(near ?? "give one of \(names.joined(separator: ", "))")"
    }
}
