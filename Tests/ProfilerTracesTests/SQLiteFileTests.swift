import Foundation
import ProfilerTraces
import TestSupport
import Testing

@Suite("Reading SQLite") struct SQLiteFileTests {
    @Test("Columns are read as integers and texts, and null as nil or empty") func columns() throws {
        let file = try SQLiteFile(path: try fixture("nsight.sqlite"))
        var rows: [String] = []
        try file.forEachRow(
            """
            SELECT NULL, 42, '42', 'é' UNION ALL SELECT 1, -9223372036854775808, '', 9223372036854775807 ORDER BY 1
            """
        ) { row in
            let integers = (0..<2 as Range<Int32>).map { row.integer($0).map(String.init) ?? "nil" }
            rows.append((integers + [row.text(2), row.text(3)]).joined(separator: "|"))
            if row.integer(0) == nil { #expect(row.text(0).isEmpty && row.bytes(0).isEmpty) }
        }
        #expect(rows == ["nil|42|42|é", "1|-9223372036854775808||9223372036854775807"])
    }

    @Test("A query without rows calls nothing") func emptyResult() throws {
        let file = try SQLiteFile(path: try fixture("nsight.sqlite"))
        var count = 0
        try file.forEachRow("SELECT 1 WHERE 0") { _ in count += 1 }
        #expect(count == 0)
    }

    @Test("A table is present only with all of its columns") func tables() throws {
        let file = try SQLiteFile(path: try fixture("nsight.sqlite"))
        #expect(try file.has(table: "StringIds", columns: ["id", "value"]))
        #expect(try file.has(table: "StringIds", columns: []))
        #expect(try !file.has(table: "StringIds", columns: ["id", "missing"]))
        #expect(try !file.has(table: "Missing", columns: ["id"]))
    }

    @Test("A query that SQLite refuses is an error with SQLite's reason") func refusedQueries() throws {
        let file = try SQLiteFile(path: try fixture("nsight.sqlite"))
        let error = #expect(throws: TraceReadError.self) { try file.forEachRow("SELECT * FROM missing") { _ in } }
        #expect(error?.reason == "cannot be read as SQLite: no such table: missing")
    }

    @Test("A file that is not a database is an error") func otherFiles() throws {
        #expect(throws: TraceReadError.self) { _ = try SQLiteFile(path: "/nowhere/trace.sqlite") }
        try withTemporaryFile(String(repeating: "no database", count: 100)) { path in
            let error = #expect(throws: TraceReadError.self) {
                try SQLiteFile(path: path).forEachRow("SELECT * FROM sqlite_schema") { _ in }
            }
            #expect(error?.reason == "cannot be read as SQLite: file is not a database")
        }
    }

    @Test("An export without kernels is an error that names the table and the remedy")
    func exportsWithoutKernels() throws {
        let bytes = try Data(contentsOf: URL(filePath: try fixture("nsight.sqlite")))
        // SQLite keeps the names of tables as text.
        let renamed = [UInt8](bytes).replacing(
            Array("CUPTI_ACTIVITY_KIND_KERNEL".utf8), with: Array("CUPTI_ACTIVITY_KIND_OTHERS".utf8))
        try withTemporaryFile(renamed) { path in
            let error = #expect(throws: TraceReadError.self) { try RankTrace.ranks(path: path) }
            let reason = try #require(error?.reason)
            #expect(reason.contains("CUPTI_ACTIVITY_KIND_KERNEL") && reason.contains("nsys export --type sqlite"))
        }
    }

    @Test("A reader of one trace refuses a database") func singleTraces() throws {
        let error = #expect(throws: TraceReadError.self) { try RankTrace(path: try fixture("nsight.sqlite")) }
        #expect(error?.reason.contains("is an SQLite database") ?? false)
    }
}
