import ArgumentParser
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
                return try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
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

/// Reads the bytes of a file or a pipe that the user named, or of standard input for "-".
func readFile(_ path: String) throws -> [UInt8] {
    do {
        if path == "-" { return [UInt8](try FileHandle.standardInput.readToEnd() ?? Data()) }
        if isStream(path) {
            return [UInt8](try FileHandle(forReadingFrom: URL(filePath: path)).readToEnd() ?? Data())
        }
        return [UInt8](try Data(contentsOf: URL(filePath: path)))
    } catch {
        throw CommandError("cannot read \(path): \(error.reason)")
    }
}

/// Whether a path names a pipe, a socket or a device, which `Data(contentsOf:)` refuses.
private func isStream(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && [S_IFIFO, S_IFSOCK, S_IFCHR].contains(status.st_mode & S_IFMT)
}
