import Foundation
import TestSupport

/// The recorded traces, which are not part of the project.
enum RecordedTraces {
    static let folder = RecordedData.folder("traces")

    static func path(_ name: String) -> String { (folder ?? URL(filePath: "/")).appending(path: name).path }
}

/// Returns the path of a fixture.
func fixture(_ name: String) throws -> String {
    guard let folder = Bundle.module.url(forResource: "Fixtures", withExtension: nil) else {
        throw CocoaError(.fileNoSuchFile)
    }
    return folder.appending(path: name).path
}
