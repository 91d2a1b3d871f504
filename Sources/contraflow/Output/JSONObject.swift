/// Named figures in order: an object of JSON, or a row of CSV or of a table.
///
/// It writes itself, because Foundation's `JSONEncoder` makes `balance --format json` take four times as long.
struct JSONObject: JSONWritable, ExpressibleByDictionaryLiteral {
    private var members: [(key: String, value: (any JSONWritable)?)]

    /// An object of members with names in snake case; a value that is nil is null.
    init(dictionaryLiteral members: (String, (any JSONWritable)?)...) { self.members = members }

    /// An object of figures under the names of columns.
    init(_ columns: [String], _ figures: [(any JSONWritable)?]) { members = Array(zip(columns, figures)) }

    /// The object with the members of another behind its own.
    func adding(_ other: JSONObject, prefix: String = "") -> JSONObject {
        var sum = self
        sum.members += other.members.map { (prefix + $0.key, $0.value) }
        return sum
    }

    /// The object without the members that are null.
    var withoutNulls: JSONObject {
        var some = self
        some.members.removeAll { $0.value == nil }
        return some
    }

    /// The names, as the header of a table.
    var keys: [String] { members.map(\.key) }

    /// The figures as cells of a table, with `missing` for what is not there.
    func cells(missing: String = "") -> [String] { members.map { member in member.value.map { "\($0)" } ?? missing } }

    /// The object in one line, its names in order.
    var text: String {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self) + "\n"
    }

    func write(to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            member.key.write(to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            if let value = member.value { value.write(to: &bytes) } else { bytes += "null".utf8 }
        }
        bytes.append(UInt8(ascii: "}"))
    }
}
