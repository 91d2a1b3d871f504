import Foundation
import PipelineTraining
import TrainingRecipes
import TrainingRuns

/// Text on standard output: the bytes as they are or, on a terminal, without control characters.
struct TextOutput {
    private let output = FileHandle.standardOutput
    private var terminal: TerminalText? = isatty(1) == 1 ? TerminalText() : nil

    mutating func write(_ bytes: [UInt8]) throws {
        let data = if let text = terminal?.add(bytes) { Data(text.utf8) } else { Data(bytes) }
        try write(data)
    }

    /// Ends the text with a line break.
    mutating func end() throws {
        try write(Data("\(terminal?.end() ?? "")\n".utf8))
    }

    /// - Throws: `RunFileError`, because the error of the system names no file.
    private func write(_ data: Data) throws {
        do {
            try output.write(contentsOf: data)
        } catch {
            throw RunFileError("standard output", "cannot be written: \(error.reason)")
        }
    }
}
