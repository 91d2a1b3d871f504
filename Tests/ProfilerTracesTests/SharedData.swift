import Foundation
import ProfilerTraces

/// The real inputs, which are no part of the project: tests that need them are skipped where they are absent.
enum SharedData {
    static let traces: URL? = {
        let named = ProcessInfo.processInfo.environment["CONTRAFLOW_DATA"].map { URL(filePath: $0) }
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = (named ?? root.deletingLastPathComponent().appending(path: "shared/data")).appending(
            path: "traces")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    static let isThere = traces != nil
    static let absence = "the real traces are not here: CONTRAFLOW_DATA names no folder that has traces/"

    static func path(_ name: String) -> String { (traces ?? URL(filePath: "/")).appending(path: name).path }
}

/// Writes a text to a file of its own and hands its path on.
func withTrace<Value>(_ bytes: [UInt8], _ body: (String) throws -> Value) throws -> Value {
    let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).json")
    try Data(bytes).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    return try body(url.path)
}

func withTrace<Value>(_ text: String, _ body: (String) throws -> Value) throws -> Value {
    try withTrace(Array(text.utf8), body)
}

/// A file of the project's own.
func fixture(_ name: String) throws -> String {
    guard let folder = Bundle.module.url(forResource: "Fixtures", withExtension: nil) else {
        throw CocoaError(.fileNoSuchFile)
    }
    return folder.appending(path: name).path
}

/// A small generator, so that what it makes is the same everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
