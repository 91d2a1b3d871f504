package import ArgumentParser
import Foundation
import TrainingRecipes

extension ParsableCommand {
    /// Returns the message for the first word of a command line that is an option its command does not have, in the
    /// words of the parser, which reports missing arguments before unknown options.
    package static func messageForUnknownOption(in words: [String]) -> String? {
        guard let tool = try? JSONDecoder().decode(ToolDescription.self, from: Data(_dumpHelp().utf8)) else {
            return nil
        }
        var command = tool.command
        var options = words.prefix { $0 != "--" }
        while let next = command.subcommand(named: options.first) {
            if next.commandName == options.first { options = options.dropFirst() }
            command = next
        }
        return command.unknownOption(in: options).map { option in
            let near = NearName.of(option, among: command.optionNames)
            return "Unknown option '\(option)'" + (near.map { ". Did you mean '\($0)'?" } ?? "")
        }
    }
}

/// The parser's description of a command and its subcommands.
private struct ToolDescription: Decodable {
    struct Command: Decodable {
        var commandName: String
        var defaultSubcommand: String?
        var subcommands: [Command]?
        var arguments: [Argument]?

        /// The names of the options with their hyphens.
        var optionNames: [String] { (arguments ?? []).flatMap { $0.names ?? [] }.map(\.text) }

        /// Returns the subcommand with a name; nil for the default one.
        func subcommand(named name: String?) -> Command? {
            subcommands?.first { $0.commandName == name } ?? subcommands?.first { $0.commandName == defaultSubcommand }
        }

        /// Returns the first option that the command does not have, without its value.
        func unknownOption(in words: ArraySlice<String>) -> String? {
            let arguments = arguments ?? []
            guard !arguments.contains(where: { $0.parsingStrategy == "allUnrecognized" }) else { return nil }
            let names = Set(optionNames)
            let anyValue = Set(
                arguments.filter { $0.parsingStrategy == "unconditional" }.flatMap { $0.names ?? [] }.map(\.text))
            var isValue = false
            for word in words {
                defer { isValue = anyValue.contains(word) }
                guard !isValue, word.hasPrefix("-"), word != "-" else { continue }
                let name = String(word.prefix { $0 != "=" })
                let isKnown = names.contains(name) || !name.hasPrefix("--") && names.contains(String(name.prefix(2)))
                if !isKnown { return name }
            }
            return nil
        }
    }

    struct Argument: Decodable {
        var names: [Name]?
        var parsingStrategy: String
    }

    struct Name: Decodable {
        var kind: String
        var name: String

        var text: String { (kind == "long" ? "--" : "-") + name }
    }

    var command: Command
}
