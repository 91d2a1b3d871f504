import Foundation
import TrainingRecipes

/// A file of a run's folder that cannot be used.
public struct RunFileError: Error, Hashable, CustomStringConvertible {
    /// The file, the problem and the remedy, in one line.
    public let description: String
    /// The system's error number; 0 for other problems.
    package let code: Int32

    package init(_ path: String, _ problem: String) {
        description = "\(path) \(problem)".oneLine
        code = 0
    }

    package init(_ path: String, _ action: String, code: Int32) {
        description = "cannot \(action) \(path): \(Self.reason(code))".oneLine
        self.code = code
    }

    /// Returns the system's description of an error number, with the remedy for links.
    package static func reason(_ code: Int32) -> String {
        code == ELOOP
            ? "it is a symbolic link, which a run's folder must not contain: replace it by a file or a folder"
            : String(cString: strerror(code))
    }
}
