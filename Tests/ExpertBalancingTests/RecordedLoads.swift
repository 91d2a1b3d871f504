import ExpertBalancing
import Foundation
import TestSupport

/// The recorded expert loads.
enum RecordedLoads {
    static let folder = RecordedData.folder("expert-load")

    /// Returns the layers with load of a file, or nil if the data is absent.
    static func loads(_ name: String) throws -> ExpertLoads? {
        guard let folder else { return nil }
        let stream = try LoadStream(contents: [UInt8](Data(contentsOf: folder.appending(path: name))))
        let total = try stream.total()
        return try ExpertLoads(
            layers: (0..<total.layerCount).filter { total.total(ofLayer: $0) > 0 }.map { Array(total[layer: $0]) })
    }

    /// Returns the contents of a file decompressed by `gzip -dc`, or nil if the data is absent.
    static func unpacked(_ name: String) throws -> Data? {
        guard let folder else { return nil }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", folder.appending(path: name).path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return data
    }
}
