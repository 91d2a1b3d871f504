/// Reads the databases that `nsys export --type sqlite` writes: kernels, graphs, copies, fills, runtime calls and NVTX
/// ranges.
///
/// A report often covers all processes of a machine. Each pair of a process and a device is one rank.
struct NsightReader: ~Copyable {
    private let path: String
    private let rules: KernelRules
    private let limits: TraceReadLimits
    private let file: SQLiteFile

    /// One process on one device. The process is nil if the report does not name processes.
    private struct Source: Hashable {
        var process: Int64?
        var device: Int64

        /// The condition that a row of a table of device work meets.
        func condition(_ table: NsightTable) -> String {
            (process == nil || !table.hasProcess ? "" : "globalPid = \(process ?? 0) AND ")
                + "\(table.device) = \(device)"
        }

        /// The condition that a row of a table of host work meets.
        var hostCondition: String { process.map { "(globalTid & ~0xFFFFFF) = \($0)" } ?? "1" }
    }

    private static let works: [(name: String, category: EventCategory)] = [
        ("CUPTI_ACTIVITY_KIND_KERNEL", .kernel), ("CUPTI_ACTIVITY_KIND_GRAPH_TRACE", .graph),
        ("CUPTI_ACTIVITY_KIND_MEMCPY", .copy), ("CUPTI_ACTIVITY_KIND_MEMSET", .fill),
    ]
    /// The event types of NVTX ranges: those pushed and popped on one thread, and those started and ended on any
    /// thread.
    private static let rangeKinds = "59, 60"

    /// The largest number of pairs of a process and a device in a report.
    private static let rankLimit = 1024

    init(path: String, rules: KernelRules, limits: TraceReadLimits) throws(TraceReadError) {
        self.path = path
        self.rules = rules
        self.limits = limits
        file = try SQLiteFile(path: path)
    }

    /// Reads the ranks of the report, in the order of processes and devices.
    ///
    /// - Throws: ``TraceReadError`` if the file is not a database or lacks the tables of a CUDA trace.
    func read() throws(TraceReadError) -> [RankTrace] {
        var tables: [NsightTable] = []
        for (name, category) in Self.works {
            let columns = try file.columns(of: name)
            if let table = NsightTable(name, category, columns) { tables.append(table) }
        }
        guard tables.contains(where: { $0.category == .kernel || $0.category == .graph }),
            try file.has(table: "StringIds", columns: ["id", "value"])
        else {
            throw TraceReadError(
                path: path,
                reason: "lacks the table CUPTI_ACTIVITY_KIND_KERNEL or StringIds, or their times: export a report that "
                    + "traced CUDA with nsys export --type sqlite")
        }
        // Copies that a process makes on a device without kernels do not make a rank.
        var sources: [Source] = []
        for table in tables where table.category == .kernel || table.category == .graph {
            let process = table.hasProcess ? "globalPid" : "NULL"
            try file.forEachRow("SELECT DISTINCT \(process), \(table.device) FROM \(table.name)") {
                row throws(TraceReadError) in
                let source = Source(process: row.integer(0), device: row.integer(1) ?? 0)
                if !sources.contains(source) { sources.append(source) }
                guard sources.count <= Self.rankLimit else {
                    throw TraceReadError(
                        path: path,
                        reason:
                            "\(table.name) has more than \(Self.rankLimit) processes and devices: export a report of "
                            + "one machine")
                }
            }
        }
        sources.sort { ($0.process ?? 0, $0.device) < ($1.process ?? 0, $1.device) }
        var traces: [RankTrace] = []
        for source in sources { traces += try read(source, tables) }
        let processes = Set(sources.map(\.process)).count
        for index in traces.indices {
            traces[index].file.path = path
            traces[index].assign(rank: traces.count == 1 ? RankTrace.rank(inName: path) ?? 0 : index)
            if sources.count > 1, sources.count == traces.count {
                let process = processes > 1 ? sources[index].process.map { String($0 >> 24 & 0xFFFFFF) } : nil
                traces[index].part = DevicePart(process: process, device: Int(clamping: sources[index].device))
            }
        }
        return traces
    }

    private func read(_ source: Source, _ tables: [NsightTable]) throws(TraceReadError) -> [RankTrace] {
        var collector = TraceCollector(rules: rules)
        for table in tables {
            try file.forEachRow(table.query(source.condition(table))) { row throws(TraceReadError) in
                try add(row, table.category, source, &collector)
            }
        }
        let calls = "CUPTI_ACTIVITY_KIND_RUNTIME"
        if try file.has(table: calls, columns: ["start", "end", "correlationId", "globalTid", "nameId"]) {
            try file.forEachRow(
                "SELECT start, end - start, globalTid, correlationId, value FROM \(calls) "
                    + "LEFT JOIN StringIds ON id = nameId WHERE \(source.hostCondition)"
            ) { row throws(TraceReadError) in try add(row, .runtime, source, &collector) }
        }
        if try file.has(table: "NVTX_EVENTS", columns: ["start", "end", "text", "textId", "globalTid", "eventType"]) {
            try file.forEachRow(
                "SELECT start, end - start, globalTid, NULL, coalesce(text, value) FROM NVTX_EVENTS "
                    + "LEFT JOIN StringIds ON id = textId WHERE end IS NOT NULL AND eventType IN (\(Self.rangeKinds)) "
                    + "AND \(source.hostCondition)"
            ) { row throws(TraceReadError) in try add(row, .annotation, source, &collector) }
        }
        try collector.check(limits, path: path)
        collector.file.path = path
        collector.dropOutliers()
        return try collector.finish()
    }

    /// Adds a row with the columns start, duration, stream or thread, correlation and name.
    private func add(
        _ row: SQLiteRow, _ category: EventCategory, _ source: Source, _ collector: inout TraceCollector
    ) throws(TraceReadError) {
        if collector.keptEvents.isMultiple(of: 4096) { try collector.check(limits, path: path) }
        var fields = EventFields()
        fields.phase = UInt8(ascii: "X")
        fields.category = category
        fields.hasCategory = true
        fields.name = row.bytes(4)
        fields.hasName = true
        fields.time = row.integer(0)
        fields.duration = row.integer(1)
        fields.process = source.process ?? 0
        fields.device = source.device
        if category.isDevice {
            fields.stream = row.integer(2)
        } else {
            fields.thread = row.integer(2) ?? 0
            // The upper bits of a global thread are the process.
            if source.process == nil { fields.process = fields.thread & ~0xFFFFFF }
        }
        fields.correlation = row.integer(3)
        withUnsafePointer(to: &fields) { collector.add($0) }
    }
}
