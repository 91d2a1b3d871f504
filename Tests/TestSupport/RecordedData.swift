package import Foundation

/// Recorded inputs that are not part of the project. Tests that need them are skipped if they are absent.
package enum RecordedData {
    /// A folder of recorded inputs, in `CONTRAFLOW_DATA` if it is set, else beside the package; nil if it is absent.
    package static func folder(_ name: String) -> URL? {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let data =
            ProcessInfo.processInfo.environment["CONTRAFLOW_DATA"].map { URL(filePath: $0) }
            ?? package.deletingLastPathComponent().appending(path: "shared/data")
        let folder = data.appending(path: name)
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }
}
