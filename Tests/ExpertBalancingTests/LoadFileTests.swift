import ExpertBalancing
import Testing

@Suite struct LoadFileTests {
    private func read(_ text: String) throws -> LoadStream { try LoadStream(contents: Array(text.utf8)) }

    /// The message with which the contents are refused, or an empty text if they are read.
    private func message(_ contents: [UInt8]) -> String {
        do {
            _ = try LoadStream(contents: contents)
            return ""
        } catch {
            return "\(error)"
        }
    }

    /// A `.npy` file of version 1.
    private func npy(_ header: String, _ data: [UInt8], claim: Int? = nil) -> [UInt8] {
        let length = claim ?? header.utf8.count
        return [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, UInt8(length & 255), UInt8(length >> 8)] + Array(header.utf8)
            + data
    }

    @Test("JSON is read as an array and as SGLang's object")
    func jsonOfAllForms() throws {
        let matrix = try read(" [[1, 2.5],\n [3e2, 0]] ")
        #expect(matrix.windows.count == 1 && matrix.windows[0].values == [1, 2.5, 300, 0])
        let sglang = try read(#"{"logical_count": [[[1, 2]], [[3, 4]]], "rank": 0}"#)
        #expect(sglang.windows.count == 2 && sglang.layerCount == 1)
        #expect(try sglang.total().values == [4, 6])
        #expect(try read("[4, 5, 6]").expertCount == 3)
    }

    @Test("Numbers are read to the last bit")
    func numbersAreReadExactly() throws {
        let texts = [
            "0.1", "123456789.123", "1e-5", "9007199254740993", "0.30000000000000004", "1e22", "1.7e23", "5e-324",
        ]
        for text in texts {
            #expect(try read("[\(text)]").windows[0].values[0] == Double(text), "\(text)")
        }
    }

    @Test("CSV is read with and without a header, and errors name the line")
    func csvWithAndWithoutHeader() throws {
        #expect(try read("1,2\n3,4\n").windows[0].values == [1, 2, 3, 4])
        let stream = try read("iter,layer,e0,e1\r\n1,0,1,2\r\n1,1,3,4\r\n11,0,5,6\r\n11,1,7,8\r\n")
        #expect(stream.windows.map(\.values) == [[1, 2, 3, 4], [5, 6, 7, 8]])
        #expect(
            message(Array("1,2\n3\n".utf8)) == "line 2: 1 load, but other rows have 2: give every row the same number")
        #expect(message(Array("iter,layer,e0\n1,1,5\n".utf8)).contains("the row has layer 1, but layer 0 is expected"))
        #expect(message(Array("1,2\n3,x\n".utf8)) == "line 2, column 2: expected a number")
    }

    @Test("NumPy arrays are read in both byte orders")
    func numPyArrays() throws {
        let header = "{'descr': '<i4', 'fortran_order': False, 'shape': (1, 2), }\n"
        let file = npy(header, [7, 0, 0, 0, 9, 0, 0, 0])
        #expect(try LoadStream(contents: file).windows[0].values == [7, 9])
        let big = npy(header.replacing("<i4", with: ">i4"), [0, 0, 0, 7, 0, 0, 0, 9])
        let half = npy(header.replacing("<i4", with: "<f2"), [0x00, 0x68, 0x01, 0x00])
        #expect(try LoadStream(contents: half).windows[0].values == [2048, 0x1p-24])
        let bigHalf = npy(header.replacing("<i4", with: ">f2"), [0x47, 0x00, 0x7B, 0xFF])
        #expect(try LoadStream(contents: bigHalf).windows[0].values == [7, 65504])
        #expect(try LoadStream(contents: big).windows[0].values == [7, 9])
    }

    @Test("NumPy headers that do not fit the file are refused with the reason")
    func hostileNumPyHeadersAreRefused() {
        let good = "{'descr': '<i4', 'fortran_order': False, 'shape': (1, 2), }\n"
        let data: [UInt8] = [7, 0, 0, 0, 9, 0, 0, 0]
        let cases: [([UInt8], String)] = [
            (npy(good.replacing("<i4", with: "|O"), data), "plain numbers"),
            (npy(good.replacing("(1, 2)", with: "(4611686018427387904, 4)"), data), "too many"),
            (npy(good.replacing("(1, 2)", with: "(1000000, 1000000)"), data), "too many"),
            (npy(good.replacing("(1, 2)", with: "(-1, 2)"), data), "shape"),
            (npy(good.replacing("False", with: "True"), data), "Fortran"),
            (npy(good, data, claim: 65535), "claims"),
            (npy(good.replacing("'shape'", with: "'form'"), data), "shape"),
            (npy(good.replacing("'<i4'", with: "[('a', '<i4')]"), data), "records"),
            (Array(npy(good, data).prefix(9)), "ends within its header"),
            ([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 2, 0, 1, 0], "ends within its header"),
            ([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 4, 0, 1, 0, 0, 0], "version 4 is not supported"),
        ]
        for (contents, part) in cases { #expect(message(contents).contains(part), "\(message(contents))") }
    }

    @Test("Every file that is not a table of loads is refused in one line")
    func badInputIsOneLine() {
        let cases = [
            "", "[]", "[[]]", "[[1, NaN]]", "[[1, -1]]", "[[1, Infinity]]", "[1e400]", "[[1, 2], [3]]", "[[1, 2]",
            "{}", #"{"logical": [[1]]}"#, #"{"logical_count": 3}"#, "[[[[1]]]]", "[1 2]", "hello", "[[1]] x",
            #"{"version": [[[["#, #"{"traceEvents": []}"#, #"{"physical_to_logical_map": [[0, 1]]}"#,
            #"{"moe_layer_count": 1}"#, "{\"logical\ncount\": [1]}", String(repeating: "[", count: 100_000), #"{"a\"#,
            "-", "[+]", "[1e]", "\u{0}",
        ]
        for text in cases {
            let line = message(Array(text.utf8))
            #expect(!line.isEmpty && !line.contains("\n"), "\(text.prefix(20)): \(line)")
        }
        #expect(message([0x1F, 0x8B, 8]).contains("gzip"))
        #expect(message(Array("[[1, 2], [3, -4]]".utf8)).contains("layer 1, expert 1: -4.0"))
    }

    @Test("Truncated JSON is refused, and truncated CSV is read or refused in one line")
    func truncatedFilesAreHandled() {
        let json = Array(#"{"logical_count": [[1.5, 2e3], [3, 4]], "rank": "x"}"#.utf8)
        #expect(message(json).isEmpty)
        for length in json.indices { #expect(!message(Array(json[..<length])).isEmpty, "\(length) bytes") }
        let csv = Array("iter,layer,e0\n1,0,5\n2,0,6\n".utf8)
        #expect(message(csv).isEmpty)
        for length in csv.indices { #expect(!message(Array(csv[..<length])).contains("\n"), "\(length) bytes") }
    }

    @Test("Placements are read from JSON, and other tables are refused")
    func placementsAreRead() throws {
        let text = #"{"version": 1, "physical_to_logical_map": [[0, 1, 1, 2]]}"#
        let placement = try Placement(contents: Array(text.utf8), expertCount: 3, deviceCount: 2)
        #expect(placement.experts == [0, 1, 1, 2])
        #expect(throws: FileFormatError.self) {
            try Placement(contents: Array("[[0.5, 1]]".utf8), expertCount: 2, deviceCount: 1)
        }
        #expect(throws: PlacementError.self) {
            try Placement(contents: Array("[[0, 0]]".utf8), expertCount: 2, deviceCount: 1)
        }
    }
}
