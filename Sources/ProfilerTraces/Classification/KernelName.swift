/// A kernel's name, as text for regular expressions and as bytes for all other searches. Names have up to thousands of
/// bytes, and searching them by characters would take longer than reading the trace.
struct KernelName {
    let text: String
    private let bytes: [UInt8]
    /// The path of the function in lower case and without underscores, as in `::deepep::intranode::dispatch::`. Return
    /// type, template parameters and arguments are not part of the path, since they often name other functions.
    private let function: [UInt8]

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
        let path = "::\(mangledPath(text) ?? shortKernelName(text))::"
        function = path.utf8.filter { $0 != UInt8(ascii: "_") }.map { byte in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
        }
    }

    /// Returns whether the name contains a text. O(name x text); O(name) for nearly all names.
    func contains(_ part: String) -> Bool { Self.contains(bytes, Array(part.utf8)) }

    /// Returns whether the path of the function contains a text in lower case and without underscores.
    func functionContains(_ part: String) -> Bool { Self.contains(function, Array(part.utf8)) }

    private static func contains(_ bytes: [UInt8], _ wanted: [UInt8]) -> Bool {
        guard let first = wanted.first, wanted.count <= bytes.count else { return wanted.isEmpty }
        for start in 0...bytes.count - wanted.count where bytes[start] == first {
            var offset = 1
            while offset < wanted.count, bytes[start + offset] == wanted[offset] { offset += 1 }
            if offset == wanted.count { return true }
        }
        return false
    }
}

/// Returns the path of a function whose name is mangled by the Itanium ABI, up to its template parameters, as in
/// `deep_ep::intranode::dispatch`; nil if the name is not mangled. Anonymous namespaces are left out.
private func mangledPath(_ name: String) -> String? {
    guard name.hasPrefix("_Z") else { return nil }
    var rest = name.utf8.dropFirst(2).drop { $0 == UInt8(ascii: "N") || $0 == UInt8(ascii: "L") }
    var path: [String] = []
    while let length = Int(String(decoding: rest.prefix { (48...57).contains($0) }, as: UTF8.self)) {
        rest = rest.drop { (48...57).contains($0) }
        let part = String(decoding: rest.prefix(length), as: UTF8.self)
        if !part.hasPrefix("_GLOBAL__N") { path.append(part) }
        rest = rest.dropFirst(length)
    }
    return path.isEmpty ? nil : path.joined(separator: "::")
}
