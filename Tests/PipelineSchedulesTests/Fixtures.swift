import Foundation
import PipelineSchedules
import Testing

/// Recorded schedules with which the tests compare: DeepSeek's own order and PyTorch's files.
enum Fixtures {
    static let folder = Bundle.module.bundleURL.appending(path: "Fixtures/schedules")

    /// The names of recorded files, at least one.
    static func names(prefix: String, suffix: String = ".csv") throws -> [String] {
        let all = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        let names = all.filter { $0.hasPrefix(prefix) && $0.hasSuffix(suffix) }
        try #require(!names.isEmpty, "no recorded file is called \(prefix)…\(suffix)")
        return names
    }

    static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    static func schedule(_ name: String, chainCount: Int = 1) throws -> Schedule {
        try Schedule(csv: Array(text(name).utf8), name: name, chainCount: chainCount)
    }

    /// The numbers in a name such as `deepseek_dualpipe_8ranks_20mb.csv`.
    static func sizes(_ name: String) -> (ranks: Int, microbatches: Int) {
        let numbers = name.split { !$0.isNumber }.compactMap { Int($0) }
        return (numbers[numbers.count - 2], numbers[numbers.count - 1])
    }
}

extension Schedule {
    init(rows: String, chainCount: Int = 1) throws {
        try self.init(csv: Array(rows.utf8), chainCount: chainCount)
    }
}
