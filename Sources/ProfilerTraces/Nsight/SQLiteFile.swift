internal import CSQLite
import Foundation

/// An SQLite database, opened for reading.
///
/// Nothing that a database contains is run: views, triggers, virtual tables and extensions are disabled. A query that
/// takes more steps than the file's size explains is refused.
///
/// It calls SQLite's C functions directly, since five queries need no library on top of them.
package struct SQLiteFile: ~Copyable {
    private let path: String
    private let database: OpaquePointer
    /// The number of further calls of the progress handler that the current query may make.
    private let callsLeft = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    private let callLimit: Int

    /// The number of steps of SQLite's virtual machine between two calls of the progress handler.
    private static let stepsPerCall = 10_000
    private static let stepsPerByte = 64
    private static let leastSteps = 10_000_000
    private static let limits: [(category: Int32, value: Int32)] = [
        (SQLITE_LIMIT_LENGTH, 16 << 20), (SQLITE_LIMIT_SQL_LENGTH, 1 << 17), (SQLITE_LIMIT_COLUMN, 1000),
        (SQLITE_LIMIT_EXPR_DEPTH, 100), (SQLITE_LIMIT_COMPOUND_SELECT, 10), (SQLITE_LIMIT_VDBE_OP, 25_000),
        (SQLITE_LIMIT_ATTACHED, 0), (SQLITE_LIMIT_VARIABLE_NUMBER, 0), (SQLITE_LIMIT_TRIGGER_DEPTH, 1),
        (SQLITE_LIMIT_WORKER_THREADS, 0),
    ]

    /// Opens a database.
    ///
    /// - Parameter stepLimit: The number of steps that a query may take; nil for a number by the size of the file.
    /// - Throws: ``TraceReadError`` if the file cannot be opened.
    package init(path: String, stepLimit: Int? = nil) throws(TraceReadError) {
        var opened: OpaquePointer?
        var status = sqlite3_open_v2(
            Self.address(path), &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nil)
        if status == SQLITE_OK { status = sqlite_disable_schema_code(opened) }
        guard status == SQLITE_OK, let opened else {
            let reason = String(cString: sqlite3_errstr(status))
            sqlite3_close(opened)
            callsLeft.deallocate()
            throw TraceReadError(path: path, reason: "cannot be read as SQLite: \(reason)")
        }
        self.path = path
        database = opened
        let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
        callLimit = (stepLimit ?? max(Self.leastSteps, Self.stepsPerByte * size)) / Self.stepsPerCall
        for (category, value) in Self.limits { sqlite3_limit(opened, category, value) }
        sqlite3_progress_handler(
            opened, Int32(Self.stepsPerCall),
            { left in
                guard let left = left?.assumingMemoryBound(to: Int.self) else { return 1 }
                left.pointee -= 1
                return left.pointee < 0 ? 1 : 0
            }, callsLeft)
    }

    /// Returns the address of a database. In a folder that cannot be written, SQLite is told that nothing changes the
    /// file, since it could not create its files for locks.
    private static func address(_ path: String) -> String {
        let isFixed = access(URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false), W_OK) != 0
        let unreserved = CharacterSet.alphanumerics.intersection(CharacterSet(charactersIn: "\u{0}"..."\u{7F}"))
            .union(CharacterSet(charactersIn: "/-._~"))
        let escaped = path.addingPercentEncoding(withAllowedCharacters: unreserved) ?? path
        return "file:\(escaped)?mode=ro" + (isFixed ? "&immutable=1" : "")
    }

    deinit {
        sqlite3_close(database)
        callsLeft.deallocate()
    }

    /// Whether the database has a table with all of the given columns.
    ///
    /// - Throws: ``TraceReadError`` if the file is not a database.
    package func has(table: String, columns: [String]) throws(TraceReadError) -> Bool {
        let found = try self.columns(of: table)
        return columns.allSatisfy(found.contains)
    }

    /// The columns of a table; none if there is no such table.
    ///
    /// - Throws: ``TraceReadError`` if the file is not a database.
    package func columns(of table: String) throws(TraceReadError) -> Set<String> {
        try forEachRow("SELECT type, sql FROM sqlite_schema WHERE name = '\(table)' COLLATE NOCASE") {
            row throws(TraceReadError) in
            let isVirtual = row.text(1).uppercased().hasPrefix("CREATE VIRTUAL")
            guard ["table", "index"].contains(row.text(0)), !isVirtual else {
                throw TraceReadError(
                    path: path,
                    reason:
                        "\(table) is a \(isVirtual ? "virtual table" : row.text(0)), which is not read: export the report "
                        + "again with nsys export --type sqlite")
            }
        }
        var found: Set<String> = []
        try forEachRow("SELECT name FROM pragma_table_info('\(table)')") { found.insert($0.text(0)) }
        return found
    }

    /// Calls `body` with each row of a query's result.
    ///
    /// - Throws: ``TraceReadError`` if the query fails, and the error of `body`.
    package func forEachRow(
        _ query: String, _ body: (SQLiteRow) throws(TraceReadError) -> Void
    ) throws(TraceReadError) {
        callsLeft.pointee = callLimit
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(database, query, -1, &statement, nil) == SQLITE_OK, let statement else {
            throw failure()
        }
        defer { sqlite3_finalize(statement) }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: try body(SQLiteRow(statement: statement))
            case SQLITE_DONE: return
            case SQLITE_INTERRUPT:
                let table = query.firstMatch(of: /FROM (\w+)/).map { String($0.1) } ?? "database"
                throw TraceReadError(
                    path: path,
                    reason: "the query of \(table) takes more than \(callLimit * Self.stepsPerCall) steps: export the "
                        + "report again with nsys export --type sqlite")
            default: throw failure()
            }
        }
    }

    private func failure() -> TraceReadError {
        TraceReadError(path: path, reason: "cannot be read as SQLite: \(String(cString: sqlite3_errmsg(database)))")
    }
}

/// One row of a query's result, valid until the next row is read.
package struct SQLiteRow {
    fileprivate let statement: OpaquePointer

    /// A column as an integer; nil if it is null.
    package func integer(_ column: Int32) -> Int64? {
        sqlite3_column_type(statement, column) == SQLITE_NULL ? nil : sqlite3_column_int64(statement, column)
    }

    /// The bytes of a column's text, without a copy. They are valid until the next row is read; a null column has none.
    package func bytes(_ column: Int32) -> UnsafeBufferPointer<UInt8> {
        guard let start = sqlite3_column_text(statement, column) else {
            return UnsafeBufferPointer(start: nil, count: 0)
        }
        return UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
    }

    /// A column as text; empty if it is null.
    package func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }
}
