/// Named figures in order: an object of JSON, or a row of CSV or of a table.
///
/// A figure that is not there is null in JSON, where an optional property of an `Encodable` would leave its key out.
struct JSONObject: Encodable, ExpressibleByDictionaryLiteral {
    private var members: [(key: String, value: (any Encodable)?)]

    init(dictionaryLiteral members: (String, (any Encodable)?)...) { self.members = members }

    /// An object of figures under the names of columns.
    init(_ columns: [String], _ figures: [(any Encodable)?]) { members = Array(zip(columns, figures)) }

    /// The object with the members of another behind its own.
    func adding(_ other: JSONObject, prefix: String = "") -> JSONObject {
        var sum = self
        sum.members += other.members.map { (prefix + $0.key, $0.value) }
        return sum
    }

    /// The names, as the header of a table.
    var keys: [String] { members.map(\.key) }

    /// The figures as cells of a table, with `missing` for what is not there.
    func cells(missing: String = "") -> [String] { members.map { member in member.value.map { "\($0)" } ?? missing } }

    private struct MemberKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: MemberKey.self)
        for (key, value) in members {
            let key = MemberKey(stringValue: key)
            if let value { try container.encode(value, forKey: key) } else { try container.encodeNil(forKey: key) }
        }
    }
}
