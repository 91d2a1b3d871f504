import Foundation

/// A program of this machine that reads or writes compressed files.
struct Program {
    private let url: URL

    /// The program of a name in the folders of `PATH`; nil if there is none.
    init?(_ name: String) {
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        let paths = folders.map { "\($0)/\(name)" }
        guard let path = paths.first(where: FileManager.default.isExecutableFile(atPath:)) else { return nil }
        url = URL(filePath: path)
    }

    /// Returns the program's output and exit status, with the contents of `file` as its input.
    func run(_ arguments: [String], file: String) throws -> (output: [UInt8], status: Int32) {
        let process = Process()
        process.executableURL = url
        process.arguments = arguments
        let input = try FileHandle(forReadingFrom: URL(filePath: file))
        defer { try? input.close() }
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return ([UInt8](bytes), process.terminationStatus)
    }
}
