package import Foundation

/// The file beside a CSV that stores its number of chains: `FILE.csv.chains.json`.
package struct ChainSidecar: Codable {
    private var version = 1
    private var chains: Int

    private static func path(of csv: String) -> String { csv + ".chains.json" }

    /// Reads the number of chains from the sidecar of a CSV; nil if there is no sidecar.
    ///
    /// - Throws: ``ChainSidecarError`` if the sidecar cannot be read or is malformed.
    package static func chains(besides csv: String) throws(ChainSidecarError) -> Int? {
        let path = path(of: csv)
        guard csv != "-", FileManager.default.fileExists(atPath: path) else { return nil }
        guard let file = FileHandle(forReadingAtPath: path), let data = try? file.read(upToCount: byteLimit),
            let chains = chains(in: data)
        else { throw ChainSidecarError(path: path) }
        return chains
    }

    /// Returns the number of chains in the contents of a sidecar; nil if the sidecar is malformed.
    package static func chains(in data: Data) -> Int? {
        guard let sidecar = try? JSONDecoder().decode(Self.self, from: data), sidecar.version == 1,
            (1...2).contains(sidecar.chains)
        else { return nil }
        return sidecar.chains
    }

    /// The largest size of a sidecar, in bytes.
    private static let byteLimit = 1 << 12

    /// Writes the sidecar of a CSV if the schedule has several chains; otherwise removes the sidecar of an earlier
    /// schedule.
    ///
    /// - Throws: A Cocoa error if the sidecar cannot be written or removed.
    package static func write(for schedule: Schedule, besides csv: String) throws {
        let path = path(of: csv)
        if schedule.chains.count > 1 {
            let text = "{\"version\": 1, \"chains\": \(schedule.chains.count)}\n"
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } else if FileManager.default.fileExists(atPath: path) {
            try FileManager.default.removeItem(atPath: path)
        }
    }
}

/// A sidecar that does not hold the number of chains of its CSV.
package struct ChainSidecarError: Error, CustomStringConvertible {
    let path: String

    /// One line: the file and the remedy.
    package var description: String {
        "\(path) is not a sidecar: it must hold the number of chains, 1 or 2, such as {\"version\": 1, \"chains\": 2}"
    }
}
