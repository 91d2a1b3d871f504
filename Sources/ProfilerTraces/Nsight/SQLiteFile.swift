internal import CSQLite

/// An SQLite database, opened for reading.
///
/// It calls SQLite's C functions directly, since five queries need no library on top of them.
package struct SQLiteFile: ~Copyable {
    private let path: String
    private let database: OpaquePointer

    package init(path: String) throws(TraceReadError) {
        var opened: OpaquePointer?
        let status = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READONLY, nil)
        guard status == SQLITE_OK, let opened else {
            let reason = String(cString: sqlite3_errstr(status))
            sqlite3_close(opened)
            throw TraceReadError(path: path, reason: "cannot be read as SQLite: \(reason)")
        }
        self.path = path
        database = opened
    }

    deinit { sqlite3_close(database) }

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
        var found: Set<String> = []
        try forEachRow("SELECT name FROM pragma_table_info('\(table)')") { found.insert($0.text(0)) }
        return found
    }

    /// Calls `body` with each row of a query's result.
    ///
    /// - Throws: ``TraceReadError`` if the query fails.
    package func forEachRow(_ query: String, _ body: (SQLiteRow) -> Void) throws(TraceReadError) {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(database, query, -1, &statement, nil) == SQLITE_OK, let statement else {
            throw failure()
        }
        defer { sqlite3_finalize(statement) }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: body(SQLiteRow(statement: statement))
            case SQLITE_DONE: return
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
