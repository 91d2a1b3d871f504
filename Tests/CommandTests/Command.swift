import Foundation

/// The result of a run of the built command.
struct Command {
    let status: Int32
    let output: String
    let errors: String

    /// The folder of the build products, which is above the test bundle.
    static let products: URL = {
        var url = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        while !FileManager.default.isExecutableFile(atPath: url.appending(path: "contraflow").path), url.path != "/" {
            url = url.deletingLastPathComponent()
        }
        return url
    }()

    init(_ arguments: String...) throws {
        try self.init(arguments: arguments)
    }

    /// Runs the command, or another program, to its end.
    ///
    /// - Parameters:
    ///   - program: The program to run; the built command if nil.
    ///   - environment: Environment variables in addition to those of the tests.
    ///   - meanwhile: A function to call while the program runs, with its process and the file of its standard error.
    init(
        arguments: [String], program: URL? = nil, environment: [String: String] = [:],
        meanwhile: (Process, _ errors: URL) throws -> Void = { _, _ in }
    ) throws {
        let process = Process()
        process.executableURL = program ?? Self.products.appending(path: "contraflow")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let output = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        let errors = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer {
            try? FileManager.default.removeItem(at: output)
            try? FileManager.default.removeItem(at: errors)
        }
        for url in [output, errors] { try Data().write(to: url) }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        process.standardInput = FileHandle.nullDevice
        // Foundation's `waitUntilExit` keeps a core busy on a thread without a run loop.
        let end = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in end.signal() }
        try process.run()
        do {
            try meanwhile(process, errors)
        } catch {
            process.terminate()
            throw error
        }
        end.wait()
        status = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
        self.output = String(decoding: try Data(contentsOf: output), as: UTF8.self)
        self.errors = String(decoding: try Data(contentsOf: errors), as: UTF8.self)
    }
}
