import Foundation
import PipelineSchedules

/// The file beside a CSV schedule that stores its number of chains: `FILE.csv.chains.json`.
struct ChainSidecar: Codable {
    var version = 1
    var chains: Int

    static func path(of csv: String) -> String { csv + ".chains.json" }

    /// Reads the number of chains from the sidecar of a CSV; nil if there is no sidecar.
    static func chains(besides csv: String) throws -> Int? {
        let path = path(of: csv)
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let sidecar = try? JSONDecoder().decode(Self.self, from: Data(readFile(path))), sidecar.version == 1,
            sidecar.chains >= 1
        else {
            throw CommandError(
                "\(path) is not a sidecar: it must hold the number of chains, such as {\"version\": 1, \"chains\": 2}")
        }
        return sidecar.chains
    }

    /// Writes the sidecar of a CSV if the schedule has several chains.
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
