import Foundation
import Testing

/// Expects a text to be equal to the recorded text in `Snapshots/<name>.txt`.
///
/// `CONTRAFLOW_RECORD=1` records the text instead. The failure lists the lines that differ.
func expectSnapshot(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Snapshots/\(name).txt")
    if ProcessInfo.processInfo.environment["CONTRAFLOW_RECORD"] != nil {
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        return try Data(text.utf8).write(to: file)
    }
    guard let recorded = try? String(contentsOf: file, encoding: .utf8) else {
        Issue.record("\(file.path) does not exist: record it with CONTRAFLOW_RECORD=1", sourceLocation: sourceLocation)
        return
    }
    if text == recorded { return }
    Issue.record(
        """
        The text differs from Snapshots/\(name).txt (- recorded, + now; CONTRAFLOW_RECORD=1 records it):
        \(lineDifference(from: recorded, to: text))
        """, sourceLocation: sourceLocation)
}

/// Returns the lines that were removed (-) and added (+), with their line numbers in the text that has them.
func lineDifference(from old: String, to new: String) -> String {
    let (old, new) = (old.components(separatedBy: "\n"), new.components(separatedBy: "\n"))
    var (removed, added): (Set<Int>, Set<Int>) = ([], [])
    for change in new.difference(from: old) {
        switch change {
        case .remove(let offset, _, _): removed.insert(offset)
        case .insert(let offset, _, _): added.insert(offset)
        }
    }
    var lines: [String] = []
    var (i, j) = (0, 0)
    while i < old.count || j < new.count {
        if removed.contains(i) {
            lines.append("-\(i + 1): \(old[i])")
            i += 1
        } else if added.contains(j) {
            lines.append("+\(j + 1): \(new[j])")
            j += 1
        } else {
            (i, j) = (i + 1, j + 1)
        }
    }
    return lines.joined(separator: "\n")
}
