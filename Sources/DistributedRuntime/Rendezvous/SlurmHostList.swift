/// A list of hosts as Slurm writes it, such as `node[01-04,7],login` or `rack[0-1]n[0-3]-ib`.
///
/// The list has items separated by commas. An item is a name in which each pair of brackets stands for numbers: single
/// ones and ranges, in order, with leading zeros as in the lower bound.
package struct SlurmHostList {
    /// The first host of the list.
    package let first: String

    /// Reads a list; nil if it is not a list of hosts.
    package init?(_ text: String) {
        let items = Self.split(text)
        guard !items.isEmpty else { return nil }
        let names = items.compactMap(Self.firstName)
        guard names.count == items.count else { return nil }
        first = names[0]
    }

    /// Splits the list at commas outside brackets.
    private static func split(_ text: String) -> [Substring] {
        var isInside = false
        return text.split { character in
            if character == "[" { isInside = true }
            if character == "]" { isInside = false }
            return character == "," && !isInside
        }
    }

    /// Returns the first host of an item, or nil if the item is malformed.
    private static func firstName(_ item: Substring) -> String? {
        var name = ""
        var rest = item
        while let character = rest.popFirst() {
            if character == "[" {
                guard let end = rest.firstIndex(of: "]"), let number = firstNumber(rest[..<end]) else { return nil }
                name += number
                rest = rest[end...].dropFirst()
            } else if character == "]" || character.isWhitespace {
                return nil
            } else {
                name.append(character)
            }
        }
        return name.isEmpty ? nil : name
    }

    /// Returns the first number of `01-04,7`, or nil if a part is neither a number nor a range.
    private static func firstNumber(_ ranges: Substring) -> Substring? {
        let bounds = ranges.split(separator: ",", omittingEmptySubsequences: false)
            .map { $0.split(separator: "-", omittingEmptySubsequences: false) }
        let areRanges = bounds.allSatisfy { range in
            let numbers = range.compactMap(number)
            return numbers.count == range.count && (1...2).contains(range.count)
                && numbers[0] <= numbers[range.count - 1]
        }
        return areRanges ? bounds.first?.first : nil
    }

    private static func number(_ digits: Substring) -> Int? {
        digits.allSatisfy { $0.isASCII && $0.isNumber } ? Int(digits) : nil
    }
}
