/// Reads the databases that `nsys export --type sqlite` writes: kernels, copies, fills, runtime calls and NVTX ranges.
///
/// A report often covers all processes of a machine. Each pair of a process and a device is one rank.
struct NsightReader: ~Copyable {
    private let path: String
    private let rules: KernelRules
    private let file: SQLiteFile

    /// One process on one device.
    private struct Source {
        var process: Int64
        var device: Int64
    }

    private static let kernels = "CUPTI_ACTIVITY_KIND_KERNEL"
    private static let columns = ["start", "end", "deviceId", "streamId", "correlationId", "globalPid"]
    /// The event types of NVTX ranges: those pushed and popped on one thread, and those started and ended on any
    /// thread.
    private static let rangeKinds = "59, 60"

    init(path: String, rules: KernelRules) throws(TraceReadError) {
        self.path = path
        self.rules = rules
        file = try SQLiteFile(path: path)
    }

    /// Reads the ranks of the report, in the order of processes and devices.
    ///
    /// - Throws: ``TraceReadError`` if the file is not a database or lacks the tables of a CUDA trace.
    func read() throws(TraceReadError) -> [RankTrace] {
        guard try file.has(table: Self.kernels, columns: Self.columns + ["demangledName"]),
            try file.has(table: "StringIds", columns: ["id", "value"])
        else {
            throw TraceReadError(
                path: path,
                reason: "lacks the table \(Self.kernels) or StringIds, or a column of them: export a report that "
                    + "traced CUDA with nsys export --type sqlite")
        }
        var sources: [Source] = []
        try file.forEachRow("SELECT DISTINCT globalPid, deviceId FROM \(Self.kernels) ORDER BY 1, 2") { row in
            sources.append(Source(process: row.integer(0) ?? 0, device: row.integer(1) ?? 0))
        }
        var traces: [RankTrace] = []
        for (index, source) in sources.enumerated() {
            var trace = try read(source)
            trace.file.path = path
            if let rank = sources.count == 1 ? RankTrace.rank(inName: path) : index { trace.assign(rank: rank) }
            traces.append(trace)
        }
        return traces
    }

    private func read(_ source: Source) throws(TraceReadError) -> RankTrace {
        var collector = TraceCollector(rules: rules)
        let condition = "globalPid = \(source.process) AND deviceId = \(source.device)"
        let work = "start, end - start, streamId, correlationId"
        try file.forEachRow(
            "SELECT \(work), value FROM \(Self.kernels) LEFT JOIN StringIds ON id = demangledName "
                + "WHERE \(condition) ORDER BY start"
        ) { Self.add($0, .kernel, source, &collector) }
        for (table, category) in [
            ("CUPTI_ACTIVITY_KIND_MEMCPY", EventCategory.copy), ("CUPTI_ACTIVITY_KIND_MEMSET", .fill),
        ] where try file.has(table: table, columns: Self.columns) {
            // Kind 10 is a copy between devices. The names are those of PyTorch's traces.
            let name =
                category == .fill
                ? "'Memset'"
                : "CASE copyKind WHEN 1 THEN 'Memcpy HtoD' WHEN 2 THEN 'Memcpy DtoH' WHEN 8 THEN 'Memcpy DtoD' "
                    + "WHEN 10 THEN 'Memcpy PtoP' ELSE 'Memcpy' END"
            try file.forEachRow("SELECT \(work), \(name) FROM \(table) WHERE \(condition) ORDER BY start") {
                Self.add($0, category, source, &collector)
            }
        }
        let calls = "CUPTI_ACTIVITY_KIND_RUNTIME"
        if try file.has(table: calls, columns: ["start", "end", "correlationId", "globalTid", "nameId"]) {
            try file.forEachRow(
                "SELECT start, end - start, globalTid, correlationId, value FROM \(calls) "
                    + "LEFT JOIN StringIds ON id = nameId WHERE (globalTid & ~0xFFFFFF) = \(source.process)"
            ) { Self.add($0, .runtime, source, &collector) }
        }
        if try file.has(table: "NVTX_EVENTS", columns: ["start", "end", "text", "textId", "globalTid", "eventType"]) {
            try file.forEachRow(
                "SELECT start, end - start, globalTid, NULL, coalesce(text, value) FROM NVTX_EVENTS "
                    + "LEFT JOIN StringIds ON id = textId WHERE end IS NOT NULL AND eventType IN (\(Self.rangeKinds)) "
                    + "AND (globalTid & ~0xFFFFFF) = \(source.process)"
            ) { Self.add($0, .annotation, source, &collector) }
        }
        collector.dropOutliers()
        return collector.finish()
    }

    /// Adds a row with the columns start, duration, stream or thread, correlation and name.
    private static func add(
        _ row: SQLiteRow, _ category: EventCategory, _ source: Source, _ collector: inout TraceCollector
    ) {
        var fields = EventFields()
        fields.phase = UInt8(ascii: "X")
        fields.category = category
        fields.hasCategory = true
        fields.name = row.bytes(4)
        fields.hasName = true
        fields.time = row.integer(0)
        fields.duration = row.integer(1)
        fields.process = source.process
        fields.device = source.device
        if category.isDevice { fields.stream = row.integer(2) } else { fields.thread = row.integer(2) ?? 0 }
        fields.correlation = row.integer(3)
        withUnsafePointer(to: &fields) { collector.add($0) }
    }
}
