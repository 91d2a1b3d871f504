import ArgumentParser
import Foundation
import TrainingRecipes

/// The destination of a command's data: standard output, or the file that `-o` names.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp("Write the output to a file instead of standard output.", valueName: "file"))
    var output: String?

    func write(_ text: String) throws {
        guard let output else {
            do {
                return try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
            } catch {
                throw CommandError("cannot write to standard output: \(error.reason)")
            }
        }
        do {
            let file = URL(filePath: output)
            // A regular file is replaced atomically. A device or a pipe is written in place.
            let type = try? FileManager.default.attributesOfItem(atPath: file.resolvingSymlinksInPath().path)[.type]
            let isReplaced = type == nil || type as? FileAttributeType == .typeRegular
            try Data(text.utf8).write(to: file, options: isReplaced ? .atomic : [])
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

/// Reads the bytes of a file that the user named.
func readFile(_ path: String) throws -> [UInt8] {
    do {
        return [UInt8](try Data(contentsOf: URL(filePath: path)))
    } catch {
        throw CommandError("cannot read \(path): \(error.reason)")
    }
}
