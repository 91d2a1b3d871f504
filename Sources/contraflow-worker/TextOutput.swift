import Foundation
import PipelineTraining

/// Text on standard output: the bytes as they are or, on a terminal, without control characters.
struct TextOutput {
    private let output = FileHandle.standardOutput
    private var terminal: TerminalText? = isatty(1) == 1 ? TerminalText() : nil

    mutating func write(_ bytes: [UInt8]) throws {
        let data = if let text = terminal?.add(bytes) { Data(text.utf8) } else { Data(bytes) }
        try output.write(contentsOf: data)
    }

    /// Ends the text with a line break.
    mutating func end() throws {
        try output.write(contentsOf: Data("\(terminal?.end() ?? "")\n".utf8))
    }
}
