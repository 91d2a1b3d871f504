/// A kernel's name, as text for expressions and as bytes for all else: names run to thousands of bytes, and a search by
/// characters costs more than reading the trace does.
struct KernelName {
    let text: String
    private let bytes: [UInt8]

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    /// Whether a text stands anywhere in the name. O(name x text), nearly always O(name).
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
