import ExpertBalancing
import TestSupport
import Testing

@Suite("Lists of counts") struct CountListTests {
    private func read(_ text: String, experts: Int? = nil) throws -> LoadFile {
        try LoadFile(contents: Array(text.utf8), expertCount: experts)
    }

    private func message(_ text: String, experts: Int? = nil) -> String {
        do {
            _ = try read(text, experts: experts)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test("Experts and layers without a row have no load, in any order of columns and rows")
    func missingRowsAreZero() throws {
        let expected: [Double] = [0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 5]
        for text in [
            "layer_id,expert_id,count\n2,0,7\n2,3,5\n", "count,expert,layer\r\n5,3,2\r\n\r\n7,0,2\r\n",
            "\u{FEFF}Layer, Expert_Idx, Tokens\n2, 3, 5.0\n2, 0, 7\n",
        ] {
            let file = try read(text)
            #expect(file.isCountList && file.notes.isEmpty)
            #expect(file.stream.layerCount == 3 && file.stream.windows.map(\.values) == [expected], "\(text)")
        }
        #expect(try read("expert_id,count\n1,4\n").stream.windows[0].values == [0, 4])
    }

    @Test("The number of experts may be given, and must hold all experts of the file")
    func theNumberOfExpertsIsGiven() throws {
        let text = "layer,expert,count\n0,1,4\n1,0,3\n"
        #expect(try read(text, experts: 4).stream.windows[0].values == [0, 4, 0, 0, 3, 0, 0, 0])
        #expect(message(text, experts: 1).contains("have 2 experts, but the model is said to have 1"))
        #expect(message("[[1, 2]]", experts: 3).contains("have 2 experts, but the model is said to have 3"))
        #expect(message("[[1, 2]]", experts: 2).isEmpty)
    }

    @Test("A column of steps makes windows") func stepsAreWindows() throws {
        let file = try read("step,layer,expert,count\n7,0,0,1\n9,0,1,2\n7,0,1,3\n")
        #expect(file.stream.windows.map(\.values) == [[1, 3], [0, 2]])
    }

    @Test("Repeated rows are added up: with a note, unless a column names their ranks")
    func repeatedRowsAreAdded() throws {
        let twice = try read("layer,expert,count\n0,0,1\n0,1,2\n0,0,4\n")
        #expect(twice.stream.windows[0].values == [5, 2])
        #expect(twice.notes == ["line 4 repeats layer 0, expert 0: the counts of all its rows are added up"])
        let joined = try read("layer,expert,count\r\n0,0,1\r\nlayer,expert,count\r\n0,0,4\r\n")
        #expect(joined.stream.windows[0].values == [5] && joined.notes.first?.hasPrefix("line 4 repeats") == true)
        let ranks = try read("rank,layer,expert,count\n0,0,0,1\n0,0,1,2\n1,0,0,4\n")
        #expect(ranks.stream.windows[0].values == [5, 2] && ranks.notes.isEmpty)
    }

    @Test("The sum of any division of counts among ranks is the whole")
    func ranksAddUpToTheWhole() throws {
        for seed in 0..<20 as Range<UInt64> {
            var generator = SeededGenerator(seed)
            let (layers, experts) = (Int.random(in: 1...4, using: &generator), Int.random(in: 2...9, using: &generator))
            var whole = [Double](repeating: 0, count: layers * experts)
            whole[layers * experts - 1] = 1
            var ranks = [String](repeating: "layer_id,expert_id,count\n", count: 3)
            ranks[0] += "\(layers - 1),\(experts - 1),1\n"
            for rank in ranks.indices {
                for cell in whole.indices.shuffled(using: &generator).prefix(3) {
                    whole[cell] += Double(cell + rank)
                    ranks[rank] += "\(cell / experts),\(cell % experts),\(cell + rank)\n"
                }
            }
            let sum = try LoadFile.sum(ranks.map { try read($0) })
            #expect(sum.stream.expertCount == experts && sum.stream.windows.map(\.values) == [whole], "seed \(seed)")
        }
    }

    @Test("Rows and headers that are not counts are refused in one line")
    func otherTablesAreRefused() {
        let cases = [
            ("layer,expert,count\n0,0\n", "line 2: 2 numbers, but the header has 3 columns"),
            ("layer,expert,count\n0,0,1,2\n", "line 2: 4 numbers, but the header has 3 columns"),
            ("layer,expert,count\n0,1.5,1\n", "line 2: 1.5 is no expert"),
            ("layer,expert,count\n-1,1,1\n", "line 2: -1.0 is no layer"),
            ("layer,expert,count\n0,70000,1\n", "line 2: 70000.0 is no expert"),
            ("layer,expert,count\n0,0,-1\n", "line 2: -1.0 is not a load"),
            ("layer,expert,count\n0,0,NaN\n", "line 2: nan is not a load"),
            ("layer,expert,count\n60000,60000,1\n", "values"), ("layer,expert,count\n", "there are no loads"),
            ("layer,expert\n0,0\n", "needs one column 'count'"), ("layer,count\n0,5\n", "no column of an expert"),
            ("layer,expert,count,tokens\n0,0,1,1\n", "two columns have one meaning"),
            ("layer,expert,count,e0\n0,0,1,1\n", "needs one column 'count'"),
            ("layer,expert,count_top1\n0,0,1\n", "column 'count_top1' is unknown"),
            ("3,0,24990\n3,18,39249\n", "look like layer, expert and count"),
        ]
        for (text, part) in cases { #expect(message(text).contains(part), "\(text): \(message(text))") }
    }
}

@Suite("Doubts about loads") struct LoadDoubtTests {
    private func notes(_ text: String) throws -> [String] { try LoadFile(contents: Array(text.utf8)).notes }

    @Test("A map of slots that is given as loads has a note") func mapsHaveANote() throws {
        for text in ["[[0, 1, 2, 3, 0, 1]]", "[[0, 1, 2, 3, 0, 1], [3, 2, 1, 0, 3, 2]]", "[2, 0, 1]"] {
            #expect(try notes(text).first?.contains("like a map of slots") == true, "\(text)")
        }
    }

    @Test("A router's choices that are given as loads have a note") func choicesHaveANote() throws {
        var generator = SeededGenerator(1)
        for (experts, choices) in [(8, 2), (64, 6), (256, 8)] {
            let rows = (0..<40).map { _ in Array((0..<experts).shuffled(using: &generator).prefix(choices)) }
            #expect(try notes("\(rows)").first?.contains("like the experts that a router chooses") == true)
            #expect(try notes("[\(rows), \(rows)]").count == 1)
            let csv = rows.map { $0.map(String.init).joined(separator: ",") + "\n" }.joined()
            #expect(try notes(csv).count == 1)
        }
    }

    @Test("Several layers of one expert have a note") func oneExpertHasANote() throws {
        for text in ["[[3], [1]]", "[[[3]], [[1]]]", "3\n1\n"] {
            #expect(try notes(text).first?.contains("nothing to balance") == true, "\(text)")
        }
    }

    @Test("Loads have no note") func loadsHaveNone() throws {
        var generator = SeededGenerator(2)
        for tokens in [64, 1000, 100_000] {
            for experts in [8, 16, 64] {
                // Every layer routes the same tokens.
                let rows = (0..<20).map { _ in
                    var loads = [Int](repeating: 0, count: experts)
                    for _ in 0..<2 * tokens { loads[Int.random(in: 0..<experts, using: &generator)] += 1 }
                    return loads
                }
                #expect(try notes("\(rows)").isEmpty, "\(tokens) tokens, \(experts) experts")
            }
        }
        for text in [
            "[[90,132,40,61,104,165,39,4,73,56,183,86],[20,107,104,64,19,197,187,157,172,86,16,27]]",
            "[[100, 10, 10, 10], [10, 10, 10, 100]]", "[[0, 0], [1, 1]]", "[[0.5, 0.25, 0.25]]", "[5]",
        ] {
            #expect(try notes(text).isEmpty, "\(text)")
        }
    }
}

@Suite("Headers of CSV") struct CSVHeaderTests {
    private func message(_ text: String) -> String {
        do {
            _ = try LoadFile(contents: Array(text.utf8))
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test("Experts are numbered columns from 0 or 1") func expertsAreNumbered() throws {
        for header in [
            "e0,e1,e2,e3", "expert_0,expert_1,expert_2,expert_3", "\"Expert 1\",\"Expert 2\",Expert 3,Expert 4",
            "0,1,2,3",
            "layer,0,1,2,3", "layer_id,logical_expert_0,logical_expert_1,logical_expert_2,logical_expert_3",
        ] {
            let row = header.hasPrefix("layer") ? "0,5,6,7,8\n" : "5,6,7,8\n"
            let loads = try LoadStream(contents: Array("\(header)\n\(row)".utf8))
            #expect(loads.windows.map(\.values) == [[5, 6, 7, 8]], "\(header)")
        }
    }

    @Test("Columns that are not known are refused by name") func otherColumnsAreRefused() {
        let cases = [
            ("time,e0,e1\n1,2,3\n", "column 'time' is unknown"),
            ("layer,gpu0,gpu1\n0,1,2\n", "column 'gpu0' is unknown"),
            ("layer,e0,e2\n0,1,2\n", "not numbered in order"), ("e1,e0\n1,2\n", "not numbered in order"),
            ("e2,e3\n1,2\n", "not numbered in order"), ("layer,iter\n0,1\n", "no column of an expert"),
            ("layer,layer,e0\n0,0,1\n", "two columns have one meaning"), (",0,1\n0,5,6\n", "column 1 has no name"),
            (",e0,e1\n0,5,6\n", "column 1 has no name"),
            ("layer,rank,e0\n0,0,1\n", "a row holds the loads of all experts"),
            ("a,b,c,d\n1,2,3,4\n", "column 'a' is unknown"), ("layer;e0;e1\n0;1;2\n", "is unknown"),
        ]
        for (text, part) in cases { #expect(message(text).contains(part), "\(text): \(message(text))") }
    }
}
