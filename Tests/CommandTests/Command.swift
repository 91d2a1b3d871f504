import Foundation

/// The built command, run as a user runs it.
struct Command {
    let status: Int32
    let output: String
    let errors: String

    /// The folder of the products, beside the test bundle.
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

    init(program: String = "contraflow", arguments: [String]) throws {
        let process = Process()
        process.executableURL = Self.products.appending(path: program)
        process.arguments = arguments
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
        try process.run()
        process.waitUntilExit()
        status = process.terminationStatus
        self.output = String(decoding: try Data(contentsOf: output), as: UTF8.self)
        self.errors = String(decoding: try Data(contentsOf: errors), as: UTF8.self)
    }
}
