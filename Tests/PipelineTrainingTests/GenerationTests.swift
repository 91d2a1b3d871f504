import PipelineTraining
import TestSupport
import Testing
import TrainingRuns

@Suite("Generation of text") struct GenerationTests {
    private static let scores = [1.0, 3.0, 2.0, 0.5, 2.5, -1.0, 3.0, 0.0]

    /// The expected tokens are those that TemperatureLogitsWarper, TopKLogitsWarper and TopPLogitsWarper of
    /// transformers 5.23 keep, applied in this order to the scores in float64.
    @Test(
        "Temperature, top-k and top-p keep the tokens that transformers keeps",
        arguments: [
            (1, 0, 1, [0, 1, 2, 3, 4, 5, 6, 7]), (1, 1, 1, [1, 6]), (1, 2, 1, [1, 6]), (1, 3, 1, [1, 4, 6]),
            (1, 100, 1, [0, 1, 2, 3, 4, 5, 6, 7]), (1, 0, 0.5, [1, 6]), (1, 0, 0.3, [6]), (1, 0, 0.31, [1, 6]),
            (1, 0, 0.9, [1, 2, 4, 6]), (2, 0, 0.9, [0, 1, 2, 3, 4, 6]), (0.5, 0, 0.9, [1, 4, 6]), (1, 3, 0.7, [1, 6]),
            (1, 4, 0.8, [1, 4, 6]), (0.7, 5, 0.95, [1, 2, 4, 6]), (1, 0, 0.01, [6]),
        ] as [(Double, Int, Double, [Int])])
    func keptTokens(temperature: Double, topK: Int, topP: Double, tokens: [Int]) throws {
        var sampling = Sampling(temperature: temperature, topK: topK, topP: topP, seed: 1)
        let weights = sampling.weights(Self.scores)
        #expect(weights.indices.filter { weights[$0] > 0 } == tokens)
        let drawn = try Set((0..<2000).map { _ in try sampling.token(Self.scores) })
        #expect(drawn.isSubset(of: tokens) && (tokens.count > 3 || drawn.count == tokens.count))
    }

    @Test("Temperature 0 takes the most likely token, and scores that are not finite are an error") func extremes()
        throws
    {
        var greedy = Sampling(temperature: 0, topK: 5, topP: 0.5, seed: 1)
        #expect(try greedy.token([0, 2, 1]) == 1)
        for score in [Double.nan, .infinity] {
            #expect(throws: SavedStateError.self) { try greedy.token([0, score]) }
        }
    }

    /// Every text of up to seven letters of two kinds, with every set of one or two stop texts of up to three letters,
    /// in pieces of one to three bytes.
    @Test("A text ends before its first stop text, whatever the pieces it arrives in") func stopTexts() {
        func words(_ length: Int) -> [String] {
            length == 0 ? [""] : words(length - 1).flatMap { [$0 + "a", $0 + "b"] }
        }
        let stops = (1...3).flatMap(words)
        for text in (0...7).flatMap(words) {
            for stop in stops {
                for other in [stop, "ba", "aab"] {
                    let ends = (0...text.count).first { end in
                        [stop, other].contains { text.prefix(end).hasSuffix($0) }
                    }
                    let begin = ends.map { end in
                        end - ([stop, other].first { text.prefix(end).hasSuffix($0) }?.count ?? 0)
                    }
                    for size in 1...3 {
                        var search = StopTexts([stop, other])
                        var result: [UInt8] = []
                        for start in stride(from: 0, to: text.count, by: size) {
                            result += search.add(text.utf8.dropFirst(start).prefix(size))
                        }
                        #expect(search.isReached == (ends != nil))
                        result += search.end()
                        #expect(result.elementsEqual(text.utf8.prefix(begin ?? text.count)), "\(text) \(stop) \(other)")
                    }
                }
            }
        }
    }

    @Test("Bytes that cannot begin a stop text are returned at once") func stopTextsHoldBackLittle() {
        var search = StopTexts(["###", "END"])
        #expect(search.add("a#b##".utf8).elementsEqual("a#b".utf8))
        #expect(search.add("E".utf8).elementsEqual("##".utf8))
        #expect(search.add("N".utf8).isEmpty)
        #expect(search.end().elementsEqual("EN".utf8))
    }

    @Test(
        "Control characters and damaged UTF-8 are escaped for a terminal",
        arguments: [
            ("a\n\tb", "a\n\tb"), ("\u{1B}[31m", #"\x1B[31m"#), ("\r\u{7F}\u{0}", #"\x0D\x7F\x00"#),
            ("é€😀", "é€😀"), ("\u{9B}2J", #"\xC2\x9B2J"#),
        ])
    func controlCharacters(text: String, shown: String) {
        for size in 1...4 {
            var terminal = TerminalText()
            let bytes = Array(text.utf8)
            let pieces = stride(from: 0, to: bytes.count, by: size).map {
                terminal.add(bytes[$0..<min($0 + size, bytes.count)])
            }
            #expect(pieces.joined() + terminal.end() == shown)
        }
    }

    @Test("Bytes that are not UTF-8 are escaped, and an incomplete character at the end too") func damagedText() {
        var terminal = TerminalText()
        #expect(terminal.add([0xFF, 0x61, 0xE2, 0x82]) == #"\xFFa"#)
        #expect(terminal.add([0x62]) == #"\xE2\x82b"#)
        #expect(terminal.add([0xED, 0xA0, 0x80, 0xE2]) == #"\xED\xA0\x80"#)
        #expect(terminal.end() == #"\xE2"#)
    }

    /// Random bytes in random pieces.
    @Test("No text for a terminal has a control character other than line breaks and tabs") func randomBytes() {
        var generator = SeededGenerator(1)
        for _ in 0..<500 {
            var terminal = TerminalText()
            var text = ""
            for _ in 0..<20 {
                text += terminal.add((0..<3).map { _ in UInt8.random(in: 0...255, using: &generator) })
            }
            text += terminal.end()
            #expect(
                text.unicodeScalars.allSatisfy {
                    $0.properties.generalCategory != .control || $0 == "\n" || $0 == "\t"
                })
        }
    }
}
