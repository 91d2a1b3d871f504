import PipelineSchedules
import Testing

@Suite("Incompatibilities with PyTorch") struct PyTorchIncompatibilityTests {
    @Test("PyTorch's own files have no incompatibility", arguments: try Fixtures.names(prefix: "torch_"))
    func pyTorchsOwnFilesHaveNoIncompatibility(name: String) throws {
        // PyTorch's own GPipe and 1F1B files have REDUCE_GRAD only in the form with transfers.
        #expect(try Fixtures.schedule(name).pyTorchIncompatibilities().isEmpty)
    }

    @Test("Each kind of incompatibility is reported with its place")
    func eachIncompatibilityIsReported() throws {
        func first(_ rows: String, chains: Int = 1) throws -> PyTorchIncompatibility? {
            try Schedule(rows: rows, chainCount: chains).pyTorchIncompatibilities().first
        }
        let early = Action(.forward, stage: 0, microbatch: 1)
        #expect(try first("0F1,0F0,0B0,0B1\n") == .lastStageOutOfOrder(early, rank: 0, position: 0))
        #expect(try first("0F0,0B0\n1F0,1B0\n", chains: 2) == .severalChains(2))
        let reduce = Action(.reduceGradients, stage: 0)
        #expect(try first("0F0,0B0,0REDUCE_GRAD\n") == .shardingWithoutTransfers(reduce, rank: 0, position: 2))
        #expect(
            try first("0F0,0SEND_F0,,0RECV_B0,0B0\n1RECV_F0,1F0,1B0,1SEND_B0\n")
                == .idleAmongTransfers(rank: 0, position: 2))
    }

    @Test("The marks of spreadsheets that PyTorch's loader refuses are reported")
    func marksOfSpreadsheetsAreReported() throws {
        func found(_ text: String) throws -> [PyTorchIncompatibility] {
            try PyTorchIncompatibility.ofFile(csv: Array(text.utf8))
        }
        #expect(try found("0F0, 0B0,\r\n").isEmpty)
        #expect(try found("\u{FEFF}0F0,0B0\n") == [.byteOrderMark])
        #expect(try found("\u{FEFF}0F0,0B0\n\n,\n") == [.byteOrderMark, .emptyRowsAtEnd(2)])
        #expect(
            PyTorchIncompatibility.emptyRowsAtEnd(1).description
                == "PyTorch's loader counts the empty row at the end of the file as a rank: remove it")
        #expect(
            PyTorchIncompatibility.emptyRowsAtEnd(2).description
                == "PyTorch's loader counts the 2 empty rows at the end of the file as ranks: remove them")
    }
}
