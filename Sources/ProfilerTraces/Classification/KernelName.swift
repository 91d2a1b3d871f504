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
    func contains(_ part: String) -> Bool {
        let wanted = Array(part.utf8)
        guard let first = wanted.first, wanted.count <= bytes.count else { return wanted.isEmpty }
        for start in 0...bytes.count - wanted.count where bytes[start] == first {
            var offset = 1
            while offset < wanted.count, bytes[start + offset] == wanted[offset] { offset += 1 }
            if offset == wanted.count { return true }
        }
        return false
    }
}
