import Foundation
import TrainingRecipes

/// A Python process with Hugging Face's `tokenizers`, which runs `tokenizer.py`.
final class TokenizerProcess {
    /// An answer of the process.
    struct Answer: Decodable {
        let ids: [Int]?
        let text: String?
        let error: String?
    }

    /// Python that cannot be used.
    struct StartError: Error {
        let reason: String
    }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    /// The bytes of the output after the last whole line.
    private var pending = Data()
    private let python: String

    /// Starts the process and loads a tokenizer.
    ///
    /// - Throws: ``StartError`` if Python does not start, or cannot load the tokenizer.
    init(python: String, tokenizer: URL) throws(StartError) {
        self.python = python
        // The program is found in PATH if it is a name alone.
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            python, "-c", String(decoding: PackageResources.tokenizer_py, as: UTF8.self), tokenizer.path,
        ]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        let first: Answer?
        do {
            try process.run()
            first = try readLine()
        } catch {
            throw StartError(reason: "\(error)")
        }
        if let error = first?.error { throw StartError(reason: error.oneLine) }
        if first == nil { throw StartError(reason: "it does not start") }
    }

    deinit {
        // The process ends with its input.
        try? input.fileHandleForWriting.close()
    }

    /// Sends a request and returns the answer.
    ///
    /// - Throws: `RecipeError` if the process has ended.
    func answer(to request: some Encodable) throws -> Answer {
        let line = try JSONEncoder().encode(request) + Data("\n".utf8)
        // A write to a process that has ended must be an error, and not a signal.
        let previous = signal(SIGPIPE, SIG_IGN)
        defer { signal(SIGPIPE, previous) }
        do {
            try input.fileHandleForWriting.write(contentsOf: line)
            if let answer = try readLine() { return answer }
        } catch {}
        throw RecipeError("the tokenizer's process, \(python), has ended: run the same command again")
    }

    /// Reads the next line of the output; nil at its end.
    private func readLine() throws -> Answer? {
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                defer { pending = Data(pending[(end + 1)...]) }
                return try JSONDecoder().decode(Answer.self, from: pending[..<end])
            }
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { return nil }
            pending += data
        }
    }
}
