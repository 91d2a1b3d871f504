import ArgumentParser
import CommandUsage
import Foundation
import TrainingRecipes

/// The destination of a command's data: standard output, or the file that `-o` names.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp("Write the output to a file instead of standard output.", valueName: "file"))
    var output: String?

    /// The regular file that was or will be written; nil for standard output, a device or a pipe.
    var file: String? {
        guard let output, output != "-" else { return nil }
        let type = try? FileManager.default.attributesOfItem(
            atPath: URL(filePath: output).resolvingSymlinksInPath().path)[.type]
        return type == nil || type as? FileAttributeType == .typeRegular ? output : nil
    }

    /// Returns the given format, or the format whose name is the extension of the file; nil if there is none.
    func format<Format: RawRepresentable<String>>(_ given: Format?) -> Format? {
        given ?? output.flatMap { Format(rawValue: URL(filePath: $0).pathExtension.lowercased()) }
    }

    func validate() throws {
        if output?.isEmpty == true { throw ValidationError("-o is empty: name a file, or - for standard output") }
    }

    func write(_ text: String) throws {
        guard let output, output != "-" else {
            do {
                let shown = isatty(1) == 1 ? text.printableLines : text
                return try FileHandle.standardOutput.write(contentsOf: Data(shown.utf8))
            } catch {
                throw CommandError("cannot write to standard output: \(error.reason)")
            }
        }
        do {
            // A regular file is replaced atomically. A device or a pipe is written in place.
            try Data(text.utf8).write(to: URL(filePath: output), options: file == nil ? [] : .atomic)
        } catch {
            throw CommandError("cannot write \(output): \(error.reason)")
        }
    }
}

/// A failure of a running command, described in one line.
struct CommandError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
