import ExpertBalancing
import Testing

@Suite("Limits of files of loads and maps") struct TableLimitTests {
    private func loadError(_ text: String) -> String? {
        do { _ = try LoadFile(contents: Array(text.utf8)) } catch { return "\(error)" }
        return nil
    }

    private func mapError(_ text: String) -> String? {
        do { _ = try PlacementFile(contents: Array(text.utf8)) } catch { return "\(error)" }
        return nil
    }

    @Test("A CSV of 65536 layers is read; one more row is refused with its line and the limits") func layers() {
        let rows = String(repeating: "1,2\n", count: 65_536)
        #expect(loadError(rows) == nil)
        #expect(
            loadError(rows + "1,2\n")
                == "line 65537: 65537 layers of 2 experts in 1 window are too many: give at most 65536 layers, 65536 experts, "
                + "1048576 windows and 134217728 values in total")
    }

    @Test("65536 columns are read; one more is refused in every format") func columns() {
        func row(_ count: Int) -> String { Array(repeating: "1", count: count).joined(separator: ",") }
        #expect(loadError(row(65_536) + "\n") == nil)
        for error in [loadError(row(65_537) + "\n"), loadError("[\(row(65_537))]")] {
            #expect(error?.contains("1 layer of 65537 experts in 1 window are too many") == true, "\(error ?? "")")
        }
        #expect(mapError("[\(row(65_536))]") == nil)
        for text in [
            "[\(row(65_537))]", "num_slots: 65537\ninitial_global_assignments:\n  0: [\(row(65_537))]\n",
            "{\"layer_list\":[{\"device_list\":[{\"device_expert\":[\(row(65_537))]}]}]}",
        ] {
            let error = mapError(text)
            #expect(error?.contains("1 layer of 65537 slots in 1 window are too many") == true, "\(error ?? "")")
        }
    }

    @Test("A header longer than that of 65536 columns is refused before it is split") func headers() {
        let header = Array(repeating: String(repeating: "e", count: 99), count: 30_000).joined(separator: ",")
        #expect(loadError(header + "\n1\n") == "line 1: the line has 2999999 bytes: give at most 65536 columns")
    }

    @Test("More than 1048576 windows are refused") func windows() {
        let windows = Array(repeating: "[[1]]", count: 1_048_577).joined(separator: ",")
        #expect(loadError("[\(windows)]")?.contains("1 layer of 1 expert in 1048577 windows are too many") == true)
    }

    @Test("A list of counts whose indices span more than 134217728 values is refused, although it has two rows")
    func sparseCounts() {
        let error = loadError("layer,expert,count\n65535,0,1\n0,65535,1\n")
        #expect(error?.contains("65536 layers of 65536 experts in 1 window are too many") == true)
        #expect(loadError("layer,expert,count\n65536,0,1\n") == "line 2: 65536.0 is no layer: give 0 to 65535")
    }

    @Test("The shape in the header of a .npy file is refused before memory is taken") func shapes() {
        for shape in ["(65537, 1)", "(1, 65537)", "(1048577, 1, 1)", "(65536, 65536)", "(9223372036854775807, 2, 9)"] {
            let text = "{'descr': '<f8', 'fortran_order': False, 'shape': \(shape), }"
            let header = [0x93] + Array("NUMPY\u{1}\u{0}".utf8) + [UInt8(text.utf8.count), 0] + Array(text.utf8)
            let error = #expect(throws: (any Error).self) { try LoadFile(contents: header) }
            #expect("\(error as Any)".contains("are too many"), "\(shape)")
        }
    }

    @Test("A number of experts or one row for many layers that would need too much memory is refused") func products()
        throws
    {
        let tall = Array((String(repeating: "1,2\n", count: 65_536)).utf8)
        let padded = #expect(throws: FileFormatError.self) {
            try LoadFile(contents: Array("layer,expert,count\n65535,0,1\n".utf8), expertCount: 65_536)
        }
        #expect(padded?.description.contains("65536 layers of 65536 experts") == true)
        let loads = try LoadFile(contents: tall).stream.windows[0]
        let row = "[" + (0..<4096).map { "\($0 % 2)" }.joined(separator: ",") + "]"
        let map = try PlacementFile(contents: Array(row.utf8))
        let error = #expect(throws: FileFormatError.self) { try map.placement(for: loads, deviceOffsets: [0, 4096]) }
        #expect(error?.description.contains("65536 layers of 4096 slots") == true)
    }
}
