package import ArgumentParser
import Foundation
import TrainingRecipes

extension ParsableCommand {
    /// Ends the process with an error. A usage error is one line, followed by one line that names the command whose
    /// help explains the options.
    ///
    /// - Parameters:
    ///   - command: The command that was running; nil if the words could not be parsed.
    ///   - words: The words that could not be parsed. An unknown option among them is reported first.
    ///   - suggestion: Returns the suggestion for an unknown option of the named command, if there is one.
    package static func end(
        with error: any Error, of command: (any ParsableCommand.Type)? = nil, words: [String] = [],
        suggestion: (_ option: String, _ command: String) -> String? = { _, _ in nil }
    ) -> Never {
        let code = exitCode(for: error)
        guard !code.isSuccess, !(error is ExitCode) else { exit(withError: error) }
        guard code == .validationFailure else { end(with: message(for: error), code) }
        let name = command.flatMap(name) ?? helpedCommand(fullMessage(for: error))
        let ownMessage = message(for: error)
        let unknown = ownMessage.hasPrefix("Unknown option") ? nil : messageForUnknownOption(in: words)
        let text = UsageMessage.text(of: unknown ?? ownMessage) { suggestion($0, name) }
        end(with: text, code, help: "See '\(name) --help'.\n")
    }

    /// Ends the process with one line that says why, and `help`.
    package static func end(with message: String, _ code: ExitCode, help: String = "") -> Never {
        try? FileHandle.standardError.write(contentsOf: Data("Error: \(message.printable)\n\(help)".utf8))
        exit(withError: code)
    }

    /// Returns the words that start a command of this command's tree, such as `contraflow balance replay`.
    private static func name(of command: any ParsableCommand.Type) -> String? {
        let own = configuration.commandName ?? _commandName
        if ObjectIdentifier(command) == ObjectIdentifier(self) { return own }
        return configuration.subcommands.lazy.compactMap { $0.name(of: command) }.first.map { "\(own) \($0)" }
    }

    /// Returns the command whose help the parser's message names.
    private static func helpedCommand(_ message: String) -> String {
        let own = configuration.commandName ?? _commandName
        return message.matches(of: /See '(.+) --help'/).last.map { String($0.1) } ?? own
    }
}

/// The messages of the parser, changed to one line that says what is wrong with a value.
package enum UsageMessage {
    /// Returns the message in one line. `suggestion` returns the option to use instead of an unknown one.
    package static func text(of message: String, suggestion: (String) -> String?) -> String {
        let list = message.split(separator: "\n  - ").map { String($0).oneLine }
        if list.count > 1, let match = list[0].wholeMatch(of: /The value '(.*)' is invalid for '([^ ]+).*'\. Please.*/)
        {
            return "\(match.2) is '\(match.1)': give one of \(list.dropFirst().joined(separator: ", "))"
        }
        let line = message.oneLine
        if let match = line.wholeMatch(of: /Unknown option '(-[^']*)'.*/), let other = suggestion(String(match.1)) {
            return "Unknown option '\(match.1)': \(other)"
        }
        guard let match = line.wholeMatch(of: /The value '(.*)' is invalid for '(-\S+)(?: <[^>]*>)?'/) else {
            return line
        }
        return "\(match.2) is '\(match.1)': \(remedy(forNumber: String(match.1)))"
    }

    /// Returns the remedy for a text that is not a value of a numeric option.
    private static func remedy(forNumber text: String) -> String {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        if !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }) {
            return text.hasPrefix("-") ? "give 0 or more" : "give a smaller number"
        }
        return Double(text) == nil ? "give a number" : "give a whole number"
    }
}
