extension JSONBytes {
    /// The text of a JSON string whose bytes are given without its quotes.
    package static func unescaped(_ bytes: some Collection<UInt8>) -> String {
        guard bytes.contains(UInt8(ascii: "\\")) else { return String(decoding: bytes, as: UTF8.self) }
        var units: [UInt8] = []
        units.reserveCapacity(bytes.count)
        var rest = Array(bytes)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let kind = rest.popFirst() else {
                units.append(byte)
                continue
            }
            switch kind {
            case UInt8(ascii: "n"): units.append(10)
            case UInt8(ascii: "t"): units.append(9)
            case UInt8(ascii: "r"): units.append(13)
            case UInt8(ascii: "b"): units.append(8)
            case UInt8(ascii: "f"): units.append(12)
            case UInt8(ascii: "u"):
                var code = takeHexadecimal(&rest)
                if code & 0xFC00 == 0xD800, rest.starts(with: Array("\\u".utf8)) {
                    rest.removeFirst(2)
                    code = 0x10000 + ((code & 0x3FF) << 10) + (takeHexadecimal(&rest) & 0x3FF)
                }
                units.append(contentsOf: String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
            default: units.append(kind)
            }
        }
        return String(decoding: units, as: UTF8.self)
    }

    private static func takeHexadecimal(_ bytes: inout ArraySlice<UInt8>) -> UInt32 {
        let code = UInt32(String(decoding: bytes.prefix(4), as: UTF8.self), radix: 16) ?? 0xFFFD
        bytes.removeFirst(min(4, bytes.count))
        return code
    }
}
