import TOMLKit

/// A value of a TOML or JSON file.
package enum RecipeValue: Hashable, Sendable {
    case integer(Int)
    case number(Double)
    case text(String)
    case flag(Bool)
    case null
    case list([RecipeValue])
    case table([String: RecipeValue])
    /// A date or a time of day.
    case other(String)

    /// The value as text in messages.
    package var description: String {
        switch self {
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .text(let value): "'\(value)'"
        case .flag(let value): "\(value)"
        case .null: "null"
        case .list: "a list"
        case .table: "a table"
        case .other(let value): value
        }
    }
}

extension RecipeValue {
    init(_ value: any TOMLValueConvertible) {
        if let table = value.table {
            self = .table(
                Dictionary(
                    uniqueKeysWithValues: table.keys.compactMap { key in
                        table[key].map { (key, RecipeValue($0)) }
                    }))
        } else if let array = value.array {
            self = .list((0..<array.count).map { RecipeValue(array[$0]) })
        } else if let flag = value.bool {
            self = .flag(flag)
        } else if let number = value.int {
            self = .integer(number)
        } else if let number = value.double {
            self = .number(number)
        } else if let text = value.string {
            self = .text(text)
        } else {
            self = .other(value.debugDescription)
        }
    }
}

extension RecipeValue: Decodable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Int.self) {
            self = .integer(number)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([RecipeValue].self) {
            self = .list(list)
        } else {
            self = .table(try container.decode([String: RecipeValue].self))
        }
    }
}
