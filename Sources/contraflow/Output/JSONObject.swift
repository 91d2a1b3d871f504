/// An object whose members are named where it is written; a member that is nil is left out.
///
/// It writes itself, as `JSONEncoder` takes three times as long for the maps of a placement.
struct JSONObject: JSONWritable, ExpressibleByDictionaryLiteral {
    private let members: [(name: String, value: any JSONWritable)]

    /// An object of members with names in snake case; a value that is nil is left out.
    init(dictionaryLiteral elements: (String, (any JSONWritable)?)...) {
        members = elements.compactMap { name, value in value.map { (name, $0) } }.sorted { $0.name < $1.name }
    }

    /// The object, its names in order, and a line's end.
    var text: String {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self) + "\n"
    }

    func write(to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        for (index, member) in members.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            member.name.write(to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            member.value.write(to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }
}

/// A value that JSON has.
protocol JSONWritable {
    func write(to bytes: inout [UInt8])
    /// Writes a list of such values. A requirement, so that lists of numbers are written by specialized code.
    static func write(_ values: [Self], to bytes: inout [UInt8])
}

extension JSONWritable {
    static func write(_ values: [Self], to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "["))
        for index in values.indices {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            values[index].write(to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }
}

extension Array: JSONWritable where Element: JSONWritable {
    func write(to bytes: inout [UInt8]) { Element.write(self, to: &bytes) }
}

extension Int: JSONWritable {
    func write(to bytes: inout [UInt8]) { bytes += String(self, radix: 10).utf8 }
}

extension Int32: JSONWritable {
    func write(to bytes: inout [UInt8]) { bytes += String(self, radix: 10).utf8 }
}

extension Double: JSONWritable {
    /// As `JSONEncoder` does, whole numbers without a point.
    func write(to bytes: inout [UInt8]) {
        let digits = description
        bytes += digits.utf8.dropLast(digits.hasSuffix(".0") ? 2 : 0)
    }
}

extension String: JSONWritable {
    private static let escapes: [UInt8: String] = [
        0x22: "\\\"", 0x5C: "\\\\", 0x08: "\\b", 0x09: "\\t", 0x0A: "\\n", 0x0C: "\\f", 0x0D: "\\r",
    ]

    func write(to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in utf8 {
            if let escape = Self.escapes[byte] {
                bytes += escape.utf8
            } else if byte < 0x20 {
                bytes += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
            } else {
                bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
