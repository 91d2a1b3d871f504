import Foundation
import PipelineSchedules

/// The file beside a CSV that tells how many chains its stages form: `FILE.csv.chains.json`.
struct ChainSidecar: Codable {
    var version = 1
    var chains: Int

    static func path(of csv: String) -> String { csv + ".chains.json" }

    /// The chains that the sidecar of a CSV names; nil where there is none.
    static func chains(besides csv: String) throws -> Int? {
        let path = path(of: csv)
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let sidecar = try? JSONDecoder().decode(Self.self, from: Data(readFile(path))), sidecar.version == 1,
            sidecar.chains >= 1
        else { throw CommandError("\(path): is no sidecar: it holds {\"version\": 1, \"chains\": 2} or the like") }
        return sidecar.chains
    }

    /// Writes the sidecar where a schedule has several chains.
    static func write(for schedule: Schedule, besides csv: String?) throws {
        guard let csv, schedule.chains.count > 1 else { return }
        let text = "{\"version\": 1, \"chains\": \(schedule.chains.count)}\n"
        do {
            try Data(text.utf8).write(to: URL(filePath: path(of: csv)), options: .atomic)
        } catch {
            throw CommandError("cannot write \(path(of: csv)): \(error.localizedDescription)")
        }
    }
}
