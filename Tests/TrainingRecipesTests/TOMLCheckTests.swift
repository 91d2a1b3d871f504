import Testing
import TrainingRecipes

@Suite("Checks of TOML before it is parsed") struct TOMLCheckTests {
    /// The TOML parser would abort the process.
    @Test(
        "Section headers without a name are found, and throw an error instead of aborting",
        arguments: [
            ("[\n", 1), ("a = 1\n[ # name\nb]", 2), ("a = \"\"\"\n[\n\"\"\"\n  [[=x]]", 4), ("[[", nil), ("[[[a]]]", 1),
            ("a = [\n[1],\n[\n2]]\n[b]", nil), ("# [\n[ \"a b\" ]\nc = '['\n", nil), ("[]", nil), ("['a'.b]", nil),
            ("\u{FEFF}[[[[", 1),
        ])
    func sectionsWithoutANameAreFound(text: String, line: Int?) {
        #expect(error(text)?.line == line)
        #expect(message(text + "\n?") != nil)
    }

    /// The TOML parser would abort the process at some of these.
    @Test(
        "Brackets that do not match are refused with their line",
        arguments: [("a = [}}}}", 1), ("a = {]", 1), ("b = 1\na = ]", 2), ("a = [1]]", 1), ("a = 1 }", 1)])
    func bracketsMatch(text: String, line: Int) {
        #expect(error(text)?.line == line && error(text)?.reason.hasSuffix("closes none: remove it") == true)
    }

    @Test("Strings and comments hide brackets and dots, also beside other quotes, escapes and line breaks")
    func stringsAndCommentsHaveNoStructure() {
        let dots = String(repeating: ".a", count: 99)
        for text in [
            "a = '\(dots)'", "a = \"\\\"\(dots)\"", "a = '''\n'' \(dots)\n'''", "a = \"\"\"\(dots)\"\"\"\"\"\nb = 1",
            "# \(dots)", "a = 1 # '\(dots)", "'\(dots)' = 1",
            "a = [\(Array(repeating: "0.5", count: 999).joined(separator: ","))]",
        ] { #expect(error(text) == nil, "\(text)") }
        for text in [
            "a\(dots) = 1", "'='.\"='\"\(dots) = 1", "a = '''\n''', b\(dots) = 1", "a = \"\\\\\" \(dots)",
            "a = '\\'\(dots)",
            "[a\(dots)]", "b = '\na\(dots) = 1", "a = {\(dots) = 1}",
        ] { #expect(error(text)?.reason.contains("16 parts") == true, "\(text)") }
    }

    @Test("A key of 16 parts and 16 brackets pass; 17 of either are refused with the line and the limit")
    func depthIsLimited() {
        func key(_ parts: Int) -> String {
            "x = 1\n" + Array(repeating: "a", count: parts).joined(separator: ".") + " = 1"
        }
        func brackets(_ count: Int) -> String {
            "x = " + String(repeating: "[\n", count: count) + String(repeating: "]", count: count)
        }
        #expect(error(key(16)) == nil)
        #expect(error(key(17))?.description == "line 2: a key has more than 16 parts: give fewer")
        #expect(error(brackets(16)) == nil)
        #expect(error(brackets(17))?.description == "line 17: a value is nested deeper than 16 brackets: give fewer")
        #expect(message(key(100_000)) == "test, line 2: a key has more than 16 parts: give fewer")
    }

    @Test("More than 10000 keys and sections and more than 8 MiB are refused with the limit") func sizeIsLimited() {
        func keys(_ count: Int) -> String { (0..<count).map { "k\($0) = 1\n" }.joined() }
        #expect(error(keys(10_000)) == nil)
        #expect(error(keys(10_001))?.reason == "the file has more than 10000 keys and sections: give fewer")
        #expect(error((0...10_000).map { "[k\($0)]\n" }.joined()) != nil)
        let comment = "#" + String(repeating: " ", count: TOMLCheck.byteLimit)
        #expect(error(comment)?.description == "the file has 8388609 bytes: give at most 8388608")
    }

    private func error(_ text: String) -> TOMLError? {
        do throws(TOMLError) { try TOMLCheck.check(text) } catch { return error }
        return nil
    }

    private func message(_ text: String) -> String? {
        var recipe = Recipe()
        do { try recipe.merge(toml: text, source: "test") } catch { return error.description }
        return nil
    }
}
