/// The path of a kernel's function in lower case and without underscores, as in `::deepep::intranode::dispatch::`.
///
/// Return type, template parameters and arguments are not part of the path, since they often name other functions.
struct KernelFunction {
    private let path: [UInt8]

    init(_ name: String) {
        let path = "::\(Self.mangledPath(name) ?? shortKernelName(name))::"
        self.path = path.utf8.filter { $0 != UInt8(ascii: "_") }.map { byte in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
        }
    }

    /// Returns whether the path contains a text in lower case and without underscores.
    func contains(_ part: [UInt8]) -> Bool { path.containsBytes(part) }

    /// Returns the path of a function whose name is mangled by the Itanium ABI, up to its template parameters, as in
    /// `deep_ep::intranode::dispatch`; nil if the name is not mangled. Anonymous namespaces are left out.
    private static func mangledPath(_ name: String) -> String? {
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
}
