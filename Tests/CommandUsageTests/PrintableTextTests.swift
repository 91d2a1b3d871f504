import CommandUsage
import Testing

@Suite("Texts for terminals") struct PrintableTextTests {
    @Test("Plain text, accents, joiners, emoji and CJK are unchanged") func plainTexts() {
        for text in ["", "a b", "naïve", "字", "👩\u{200D}🔬", "\u{628}\u{200C}\u{627}", "\\u{1B}", "void k<4>(int*)"] {
            #expect(text.printable == text)
        }
    }

    @Test("Every control character, bidirectional control and separator of lines is escaped") func controls() {
        let controls =
            (0..<0x20).map { $0 } + (0x7F..<0xA0).map { $0 } + [0x200E, 0x2028, 0x2029, 0x202E, 0x2066, 0xFEFF]
        for value in controls {
            let scalar = Unicode.Scalar(UInt32(value))!
            #expect("a\(scalar)b".printable == "a\(scalar.escaped(asASCII: true))b")
        }
        #expect("\u{1B}[2J\r\n\t\u{0}\u{9B}m\u{202E}x".printable == "\\u{1B}[2J\\r\\n\\t\\0\\u{009B}m\\u{202E}x")
    }

    @Test("Lines keep their breaks, and escaping twice changes nothing") func lines() {
        let text = "a\u{7}\nb\u{202E}\n"
        #expect(text.printableLines == "a\\u{07}\nb\\u{202E}\n")
        #expect(text.printableLines.printableLines == text.printableLines)
        #expect(text.printable.printable == text.printable)
    }
}
