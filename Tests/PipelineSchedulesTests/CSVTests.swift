import PipelineSchedules
import Testing

@Suite("Schedules as CSV") struct CSVTests {
    @Test("Every recorded file is written as it was read, byte for byte", arguments: try Fixtures.names(prefix: ""))
    func everyRecordedFileComesBackByteForByte(name: String) throws {
        #expect(try Fixtures.schedule(name).csv() == (try Fixtures.text(name)))
    }

    @Test("CRLF and a missing line end at the end of the file are read")
    func carriageReturnsAndAMissingLastLineEndAreRead() throws {
        let schedule = try Schedule(rows: "0F0,0B0\r\n1F0,1B0")
        #expect(schedule.csv() == "0F0,0B0\n1F0,1B0\n")
    }

    @Test("A cell is refused unless it is an action in full, with its row and column")
    func actionsAreReadAsAWhole() throws {
        let cells = [
            "0F0junk", "F0", "0F", "0X0", "0F-1", "0 F0", "0F 0", "0f0", "0F0 junk", " \"0F0\"", "\"0F0", "\"\"0F0\"\"",
            "(0F0;1B0) OVERLAP_F_B", "0SEND_X1", "0UNSHARD0", "(0F0)OVERLAP_F_B",
            "(0F0;1B0)", "(0F0;1B0;2B0)OVERLAP_F_B", "(;)OVERLAP_F_B", "()OVERLAP_F_B", "16777216F0", "0F4294967296",
            "99999999999999999999999F0", "0F0;1B0", "\u{FF}",
        ]
        for cell in cells {
            let error = #expect(throws: ScheduleCSVError.self, "\(cell)") { try Schedule(rows: "0F0,\(cell)\n") }
            #expect(error?.row == 0 && error?.column == 1)
        }
        #expect(try Schedule(rows: "0F0,0REDUCE_GRAD\n").rows[0][1].first?.kind == .reduceGradients)
    }

    @Test(
        "A file that a spreadsheet or an editor has written is the same schedule",
        arguments: [
            "0F0, 0B0\n1F0 ,\t1B0\n", "  0F0,0B0  \n1F0,1B0\n", "0F0,\u{A0}0B0\n\u{3000}1F0,1B0\n",
            "\u{FEFF}0F0,0B0\n1F0,1B0\n", "\u{FEFF}0F0, 0B0 \r\n1F0,1B0\r\n", "0F0,0B0\r1F0,1B0\r",
            "0F0,0B0\r\n1F0,1B0",
            "0F0,0B0\n1F0,1B0\n\n\n", "0F0,0B0\n1F0,1B0\n \n\t\n", "0F0,0B0\r\n1F0,1B0\r\n\r\n",
            "0F0,0B0\n1F0,1B0\n,,\n",
            "\"0F0\",\"0B0\"\n\"1F0\",\"1B0\"\n", "\" 0F0\",\"0B0\" \n1F0,1B0\n",
        ])
    func spreadsheetsAreRead(text: String) throws {
        let schedule = try Schedule(rows: text)
        #expect(schedule.csv() == "0F0,0B0\n1F0,1B0\n")
        #expect(schedule.rankCount == 2)
    }

    @Test("Commas at the end of a row are idle steps, and blanks inside a pair are ignored")
    func paddingIsIdle() throws {
        #expect(try Schedule(rows: "0F0,0B0,,\n1F0, ,1B0\n").csv() == "0F0,0B0,,\n1F0,,1B0\n")
        #expect(try Schedule(rows: "0F0,( 0F1 ; 0B0 )OVERLAP_F_B,0B1\n").csv() == "0F0,(0F1;0B0)OVERLAP_F_B,0B1\n")
    }

    @Test(
        "Files with other separators or another encoding, or with an empty row between ranks, are refused by the reason"
    )
    func foreignFilesAreRefused() throws {
        func error(_ bytes: [UInt8]) -> ScheduleCSVError? {
            #expect(throws: ScheduleCSVError.self) { try Schedule(csv: bytes) }
        }
        for (separator, name) in [(";", "semicolons"), ("\t", "tabs"), ("|", "bars"), (" ", "blanks")] {
            for cells in [["0F0", "0B0"], ["0F0", "0F1", "(0F2;0B0)OVERLAP_F_B", "", "0B1"]] {
                let found = error(Array((cells.joined(separator: separator) + "\n").utf8))
                #expect(found?.reason == .wrongSeparator(name))
                #expect(
                    found?.description == "row 0, column 0: the cells are separated by \(name): separate them by commas"
                )
            }
        }
        for text in ["0F0,0B0\n\n1F0,1B0\n", "0F0,0B0\n , \n1F0,1B0\n", "0F0,0B0\r\n\r\n1F0,1B0\r\n"] {
            #expect(error(Array(text.utf8)) == ScheduleCSVError(reason: .emptyRow, row: 1, column: nil))
        }
        #expect(error(Array("\n0F0,0B0\n".utf8))?.row == 0)
        #expect(error([0xFF, 0xFE, 0x30, 0, 0x46, 0, 0x30, 0])?.reason == .notUTF8)
        #expect(error([0xEF, 0xBB, 0xBF])?.reason == .empty)
        #expect(error(Array("0F0,0B0\n\n1F0,1B\n".utf8))?.row == 2)
    }

    @Test("Files that are not schedules are refused, each with its reason")
    func filesThatAreNoScheduleAreRefused() {
        func reason(_ text: String, chains: Int = 1) -> ScheduleCSVError.Reason? {
            #expect(throws: ScheduleCSVError.self) { try Schedule(rows: text, chainCount: chains) }?.reason
        }
        #expect(reason("") == .empty)
        #expect(reason("\n") == .empty)
        #expect(reason("0F0\n0B0\n") == .stageOnTwoRanks(stage: 0, ranks: [0, 1]))
        #expect(reason("0F0\n2F0\n") == .missingStage(1))
        #expect(reason("0F0\n1F0\n2F0\n", chains: 2) == .stagesNotDivisible(stages: 3, chains: 2))
        let error = #expect(throws: ScheduleCSVError.self) { try Schedule(rows: "0F0,0B0\n", chainCount: 2) }
        #expect(
            error?.description
                == "1 stage does not divide into 2 chains of equal length: give another number of chains")
    }

    @Test("The error for a long malformed cell shows only the beginning of the cell")
    func aLongMalformedCellIsShortened() {
        let error = #expect(throws: ScheduleCSVError.self) {
            try Schedule(rows: String(repeating: "x", count: 10_000))
        }
        #expect((error?.description.count ?? .max) < 200)
    }

    @Test("More than 65536 rows and 1048576 stages are refused with the limit, and a huge cell at once") func limits() {
        func error(_ text: String) -> String? {
            #expect(throws: ScheduleCSVError.self) { try Schedule(csv: Array(text.utf8)) }?.description
        }
        let rows = (0...65_536).map { "\($0)F0\n" }.joined()
        #expect(error(rows) == "the schedule has more than 65536 rows: give a smaller one")
        #expect(throws: Never.self) { try Schedule(csv: Array((0..<65_536).map { "\($0)F0\n" }.joined().utf8)) }
        #expect(
            error("0F0\n1048576F0\n")
                == "row 1, column 0: the schedule has more than 1048576 stages: give a smaller one")
        let cell = error("0F0," + String(repeating: "x", count: 1 << 21))
        #expect(cell?.hasPrefix("row 0, column 1: 'xxxx") == true)
    }
}
