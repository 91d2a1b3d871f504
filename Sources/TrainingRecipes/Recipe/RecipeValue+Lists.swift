import Foundation

extension RecipeValue {
    /// Reads a list in the notation that JSON and TOML share, such as `["a", "b"]`; nil if the text is no such list.
    init?(listText text: String) {
        guard let list = try? JSONDecoder().decode([RecipeValue].self, from: Data(text.utf8)) else { return nil }
        self = .list(list)
    }

    /// The texts of a list of texts, or of one text; nil for other values.
    var texts: [String]? {
        switch self {
        case .text(let text): return [text]
        case .list(let values):
            let texts = values.compactMap { if case .text(let text) = $0 { text } else { nil } }
            return texts.count == values.count ? texts : nil
        default: return nil
        }
    }

    /// The numbers of a list of finite numbers; nil for other values.
    var numbers: [Double]? {
        guard case .list(let values) = self else { return nil }
        let numbers: [Double] = values.compactMap {
            switch $0 {
            case .integer(let number): Double(number)
            case .number(let number): number.isFinite ? number : nil
            default: nil
            }
        }
        return numbers.count == values.count ? numbers : nil
    }
}
