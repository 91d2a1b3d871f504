import TOMLKit

/// A TOML text.
package enum TOMLText {
    /// Returns the values of a text by their keys.
    ///
    /// - Throws: ``TOMLError`` at the first error of the syntax, or if the text is beyond the limits of ``TOMLCheck``.
    package static func values(_ text: String) throws(TOMLError) -> [String: RecipeValue] {
        try TOMLCheck.check(text)
        do {
            guard case .table(let table) = RecipeValue(try TOMLTable(string: text)) else { return [:] }
            return table
        } catch let error as TOMLParseError {
            let place = error.source.begin
            throw TOMLError(line: Int(place.line), column: Int(place.column), reason: error.description)
        } catch {
            throw TOMLError(reason: "\(error)")
        }
    }
}
