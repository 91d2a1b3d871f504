/// A kernel's name, as text for regular expressions and as bytes for all other searches. Names have up to thousands of
/// bytes, and searching them by characters would take longer than reading the trace.
struct KernelName {
    let text: String
    private let bytes: [UInt8]

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    /// Returns whether the name contains a text. O(name x text); O(name) for nearly all names.
    func contains(_ part: String) -> Bool { bytes.containsBytes(Array(part.utf8)) }

    /// Returns whether the name contains the bytes of a text.
    func contains(_ part: [UInt8]) -> Bool { bytes.containsBytes(part) }
}

extension [UInt8] {
    /// Returns whether the bytes contain others. O(count x other count); O(count) for nearly all names.
    func containsBytes(_ wanted: [UInt8]) -> Bool {
        guard let first = wanted.first, wanted.count <= count else { return wanted.isEmpty }
        for start in 0...count - wanted.count where self[start] == first {
            var offset = 1
            while offset < wanted.count, self[start + offset] == wanted[offset] { offset += 1 }
            if offset == wanted.count { return true }
        }
        return false
    }
}
