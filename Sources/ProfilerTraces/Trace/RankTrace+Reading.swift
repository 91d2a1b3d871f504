public import Timelines

extension RankTrace {
    /// Reads a trace: Chrome-trace JSON as Kineto writes it, bare or under gzip or zstd.
    ///
    /// What has several ranks, as the timeline of a training run has, is for ``ranks(path:rules:limits:)``; it gives an
    /// empty trace here.
    ///
    /// One pass, in memory that grows with the device's events and not with the file. A truncated file gives the
    /// events before its end, and says so in ``TraceFile/isTruncated``.
    ///
    /// - Throws: ``TraceReadError`` where the file cannot be read or is no trace.
    public init(
        path: String, rules: KernelRules = KernelRules(), limits: TraceReadLimits = TraceReadLimits()
    ) throws(TraceReadError) {
        self = try Self.collect(ByteInput(path: path, limits: limits), rules: rules, limits: limits).finish()
    }

    /// Reads a file of any format: Chrome-trace JSON of a profiler holds one rank, an Nsight Systems export (`nsys
    /// export
    /// --type sqlite`) one for each process and device, the timeline of a training run all ranks of the run.
    ///
    /// - Throws: ``TraceReadError`` where the file cannot be read or is no trace.
    public static func ranks(
        path: String, rules: KernelRules = KernelRules(), limits: TraceReadLimits = TraceReadLimits()
    ) throws(TraceReadError) -> [RankTrace] {
        // Opened once: what comes through a pipe is gone when it has been looked at.
        let input = try ByteInput(path: path, limits: limits)
        if input.format == .sqlite { return try NsightReader(path: path, rules: rules).read() }
        let collector = try collect(input, rules: rules, limits: limits)
        guard let timeline = collector.recordedTimeline else { return [collector.finish()] }
        return Self.ranks(of: timeline).enumerated().map { index, rank in
            var rank = rank
            rank.file.path = path
            rank.file.isTruncated = index == 0 && collector.file.isTruncated
            rank.file.droppedEvents = index == 0 ? collector.recorded.droppedEvents : 0
            return rank
        }
    }

    /// Reads the timeline that a run recorded, or that a plan or a merge wrote: Chrome-trace JSON, bare or packed.
    ///
    /// - Throws: ``TraceReadError`` if the file cannot be read or holds no such timeline.
    public static func timeline(path: String) throws(TraceReadError) -> Timeline {
        let limits = TraceReadLimits()
        let collector = try collect(ByteInput(path: path, limits: limits), rules: KernelRules(), limits: limits)
        guard let timeline = collector.recordedTimeline, !collector.file.isTruncated else {
            throw TraceReadError(
                path: path, reason: "is not the whole timeline of a run: give a run's timeline.json.gz")
        }
        return timeline
    }

    /// Reads a trace through a buffer of a given size at first, as tests do to have it cut everywhere.
    package init(path: String, bufferBytes: Int) throws(TraceReadError) {
        let limits = TraceReadLimits()
        let input = try ByteInput(path: path, limits: limits)
        self = try Self.collect(input, rules: KernelRules(), limits: limits, bufferBytes: bufferBytes).finish()
    }

    static func collect(
        _ input: ByteInput, rules: KernelRules, limits: TraceReadLimits, keepsRows: Bool = false,
        bufferBytes: Int = 1 << 18
    ) throws(TraceReadError) -> TraceCollector {
        let path = input.path
        guard input.format != .sqlite else {
            throw TraceReadError(
                path: path, reason: "is an SQLite database, which may hold several ranks, where one trace is wanted")
        }
        let reader = KinetoReader(
            input: input, collector: TraceCollector(rules: rules, keepsRows: keepsRows), limits: limits,
            bufferBytes: bufferBytes)
        var collector = try reader.read()
        collector.file.path = path
        return collector
    }

    /// The rank that a file's name tells, as in `rank3.json`, `rank-3` or `rank_3`.
    package static func rank(inName path: String) -> Int? {
        let name = path.split(separator: "/").last.map { $0.lowercased() } ?? ""
        guard let range = name.firstRange(of: "rank") else { return nil }
        let digits = name[range.upperBound...].drop { $0 == "_" || $0 == "-" || $0 == "." }.prefix {
            $0.isASCII && $0.isNumber
        }
        return digits.count < 10 ? Int(digits) : nil
    }
}
