import CSQLite
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

    private static let kernels =
        "CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL(start INTEGER, end INTEGER, deviceId INTEGER, shortName INTEGER);"
    private static let names = "CREATE TABLE StringIds(id INTEGER PRIMARY KEY, value TEXT);"

    /// Creates a database, and returns the reason why it is refused; nil if it is read.
    private func refusal(_ statements: String) throws -> String? {
        try withTemporaryFolder { folder in
            let path = folder.appending(path: "report.sqlite").path
            try makeDatabase(path, statements)
            do { _ = try RankTrace.ranks(path: path) } catch let error as TraceReadError { return error.reason }
            return nil
        }
    }

    @Test("A table that is a view or virtual is refused by its name, and nothing of it is run") func foreignObjects()
        throws
    {
        let row = "INSERT INTO StringIds VALUES(1, 'k'); INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES(1, 2, 0, 1);"
        #expect(try refusal(Self.names + Self.kernels + row) == nil)
        let endless =
            "CREATE VIEW CUPTI_ACTIVITY_KIND_KERNEL AS WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) "
            + "SELECT i AS start, i + 1 AS end, 0 AS deviceId, 1 AS shortName FROM r;"
        #expect(
            try refusal(Self.names + endless)
                == "CUPTI_ACTIVITY_KIND_KERNEL is a view, which is not read: export the report again with nsys export --type sqlite"
        )
        let virtual = "CREATE VIRTUAL TABLE StringIds USING fts5(id, value);"
        #expect(
            try refusal(virtual + Self.kernels)?.hasPrefix("StringIds is a virtual table, which is not read") == true)
    }

    @Test("A query that takes more steps than the size of the file explains is ended, and its table is named")
    func endlessQueries() throws {
        let file = try SQLiteFile(path: try fixture("nsight.sqlite"), stepLimit: 100_000)
        let endless =
            "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT i FROM StringIds, r WHERE i < 0"
        let error = #expect(throws: TraceReadError.self) { try file.forEachRow(endless) { _ in } }
        #expect(
            error?.reason.hasPrefix("the query of r takes more than 100000 steps") == true, "\(error?.reason ?? "")")
        // The next query has all its steps.
        try file.forEachRow("SELECT id FROM StringIds") { _ in }
    }

    @Test("A join without an index ends after the steps that a file of its size may take") func slowJoins() throws {
        let rows = "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 3000) "
        let reason = try refusal(
            "CREATE TABLE StringIds(id, value);" + Self.kernels + "INSERT INTO StringIds \(rows) SELECT 1, 'k' FROM r;"
                + "INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL \(rows) SELECT 2 * i, 2 * i + 1, 0, 1 FROM r;")
        #expect(reason?.hasPrefix("the query of CUPTI_ACTIVITY_KIND_KERNEL takes more than 10000000 steps") == true)
    }

    @Test("A generated column, which would make a huge value, is not a column of a report") func hugeValues() throws {
        let reason = try refusal(
            "CREATE TABLE StringIds(id INTEGER PRIMARY KEY, n INTEGER, value TEXT AS (hex(zeroblob(n))));"
                + "INSERT INTO StringIds(id, n) VALUES(1, 100000000);" + Self.kernels
                + "INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES(1, 2, 0, 1);")
        #expect(reason?.hasPrefix("lacks the table CUPTI_ACTIVITY_KIND_KERNEL or StringIds") == true)
    }

    @Test("A database in a folder that cannot be written is read, whatever characters its path has") func fixedFolders()
        throws
    {
        try withTemporaryFolder { folder in
            let path = folder.appending(path: "a?b#c%20 é.sqlite").path
            try FileManager.default.copyItem(atPath: try fixture("nsight.sqlite"), toPath: path)
            #expect(try RankTrace.ranks(path: path).count == 2)
            // A database in WAL mode needs further files beside it, unless it is known that nothing changes it.
            try makeDatabase(path + "2", "PRAGMA journal_mode = WAL; CREATE TABLE t(a); INSERT INTO t VALUES(1);")
            chmod(folder.path, 0o555)
            defer { chmod(folder.path, 0o755) }
            var count = 0
            try SQLiteFile(path: path + "2").forEachRow("SELECT a FROM t") { _ in count += 1 }
            #expect(count == 1)
        }
    }

    @Test("A report of more than 1024 processes and devices is refused") func ranks() throws {
        func devices(_ count: Int) -> String {
            Self.names + Self.kernels
                + "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < \(count)) "
                + "INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL SELECT 1, 2, i, 1 FROM r;"
        }
        #expect(try refusal(devices(1025))?.contains("more than 1024 processes and devices") == true)
    }
}

/// Creates a database of the given statements.
private func makeDatabase(_ path: String, _ statements: String) throws {
    var database: OpaquePointer?
    defer { sqlite3_close(database) }
    try #require(sqlite3_open(path, &database) == SQLITE_OK)
    try #require(
        sqlite3_exec(database, statements, nil, nil, nil) == SQLITE_OK, "\(String(cString: sqlite3_errmsg(database)))")
}
