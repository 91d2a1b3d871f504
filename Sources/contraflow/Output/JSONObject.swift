/// Named figures in order: a JSON object, or a row of a CSV or a table.
///
/// The type writes its own JSON, because `balance --format json` takes four times as long with Foundation's
/// `JSONEncoder`.
struct JSONObject: JSONWritable, ExpressibleByDictionaryLiteral {
    private var members: [(key: String, value: (any JSONWritable)?)]

    /// Creates an object of members with names in snake case. The value nil is null in JSON.
    init(dictionaryLiteral members: (String, (any JSONWritable)?)...) { self.members = members }

    /// Creates an object of figures under the names of columns.
    init(_ columns: [String], _ figures: [(any JSONWritable)?]) { members = Array(zip(columns, figures)) }

    /// Returns the object with the members of another object appended, their names with a prefix.
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

    /// Returns the figures as cells of a table, with `missing` for the value nil.
    func cells(missing: String = "") -> [String] { members.map { member in member.value.map { "\($0)" } ?? missing } }

    /// The object as one line of JSON, its members sorted by name.
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
