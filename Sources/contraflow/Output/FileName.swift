import Foundation

/// The name of a file without its folder, for headings; "-" is standard input.
func fileName(_ path: String) -> String {
    path == "-" ? "standard input" : path.split(separator: "/").last.map(String.init) ?? path
}

extension String {
    /// Whether the text stands for a file, a folder or standard input, and not for something built in.
    var standsForFile: Bool {
        self == "-" || contains(".") || contains("/") || FileManager.default.fileExists(atPath: self)
    }
}
