import Foundation
import TestSupport

/// The recorded traces.
enum RecordedTraces {
    static let folder = RecordedData.folder("traces")

    static func path(_ name: String) -> String { (folder ?? URL(filePath: "/")).appending(path: name).path }
}

/// A file of the project's own.
func fixture(_ name: String) throws -> String {
    guard let folder = Bundle.module.url(forResource: "Fixtures", withExtension: nil) else {
        throw CocoaError(.fileNoSuchFile)
    }
    return folder.appending(path: name).path
}
