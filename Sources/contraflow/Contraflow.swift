import ArgumentParser
import Dispatch
import TrainingRuns
import TrainingRecipes

/// The command.
@main
struct Contraflow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contraflow",
        abstract: "Trains, balances, plans and explains Mixture-of-Experts models on many devices.",
        version: contraflowVersion,
        subcommands: [
            TrainCommand.self, GenerateCommand.self, PlanCommand.self, BalanceCommand.self, AnalyzeCommand.self,
            DoctorCommand.self,
        ])

    /// Runs the command, unless there is no such subcommand; `-` and `_` are the same in names of options.
    static func main() {
        let words = Array(CommandLine.arguments.dropFirst())
        if let word = words.first, let message = answer(toUnknown: word) { exit(withError: ValidationError(message)) }
        let end = words.firstIndex(of: "--") ?? words.endIndex
        run(words[..<end].map(withHyphens) + words[end...])
    }

    /// Runs a command on the main thread, whose stack and memory are faster than a task's, unless it starts processes.
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

    /// An option whose name has hyphens alone; its value stays as it is.
    private static func withHyphens(_ word: String) -> String {
        guard word.hasPrefix("--") else { return word }
        let name = word.prefix { $0 != "=" }
        return String(name).replacing("_", with: "-") + word.dropFirst(name.count)
    }
}
