public import Timelines

extension RankTrace {
    /// Reads a trace of one rank: Chrome-trace JSON as Kineto writes it, optionally compressed with gzip or zstd.
    ///
    /// A file of several ranks, such as the timeline of a training run, gives an empty trace. Use
    /// ``ranks(path:rules:limits:)`` for such files.
    ///
    /// The file is read in one pass; memory grows with the number of device events, not with the size of the file. A
    /// truncated file gives the events before its end and sets ``TraceFile/isTruncated``.
    ///
    /// - Throws: ``TraceReadError`` if the file cannot be read or is not a trace.
    public init(
        path: String, rules: KernelRules = KernelRules(), limits: TraceReadLimits = TraceReadLimits()
    ) throws(TraceReadError) {
        self = try Self.only(Self.collect(ByteInput(path: path, limits: limits), rules: rules, limits: limits))
    }

    /// Reads the ranks of a file of any format.
    ///
    /// A profiler's Chrome-trace JSON has one rank per device. An Nsight Systems export (`nsys export --type sqlite`) has one rank
    /// per process and device. The timeline of a training run has all ranks of the run.
    ///
    /// - Throws: ``TraceReadError`` if the file cannot be read or is not a trace.
    public static func ranks(
        path: String, rules: KernelRules = KernelRules(), limits: TraceReadLimits = TraceReadLimits()
    ) throws(TraceReadError) -> [RankTrace] {
        // The file is opened only once, since bytes that were read from a pipe cannot be read again.
        let input = try ByteInput(path: path, limits: limits)
        var ranks = try Self.ranks(input, rules: rules, limits: limits)
        for index in ranks.indices { ranks[index].addNotesOnFile() }
        return ranks
    }

    private static func ranks(
        _ input: ByteInput, rules: KernelRules, limits: TraceReadLimits
    ) throws(TraceReadError) -> [RankTrace] {
        let path = input.path
        if input.format == .sqlite { return try NsightReader(path: path, rules: rules, limits: limits).read() }
        let collector = try collect(input, rules: rules, limits: limits)
        guard let timeline = collector.recordedTimeline else { return try collector.finish() }
        return Self.ranks(of: timeline).enumerated().map { index, rank in
            var rank = rank
            rank.file.path = path
            rank.file.isTruncated = collector.file.isTruncated
            rank.file.droppedEvents = index == 0 ? collector.recorded.droppedEvents : 0
            if rank.file.droppedEvents > 0 {
                rank.notes.append(TraceNote(.invalidTimes, count: rank.file.droppedEvents))
            }
            return rank
        }
    }

    /// Adds the notes that follow from what the reader counted in the file.
    private mutating func addNotesOnFile() {
        if file.isTruncated { notes.append(TraceNote(.truncated, count: timeline.spans.count)) }
        if timeline.spans.isEmpty { notes.append(TraceNote(.noDeviceWork)) }
    }

    /// Reads the timeline that a run, a plan or a merge wrote: Chrome-trace JSON, optionally compressed.
    ///
    /// - Throws: ``TraceReadError`` if the file cannot be read, is truncated or holds no such timeline.
    public static func timeline(path: String) throws(TraceReadError) -> Timeline {
        let limits = TraceReadLimits()
        let collector = try collect(ByteInput(path: path, limits: limits), rules: KernelRules(), limits: limits)
        guard let timeline = collector.recordedTimeline, !collector.file.isTruncated else {
            throw TraceReadError(
                path: path, reason: "is not the complete timeline of a run: give a run's timeline.json.gz")
        }
        return timeline
    }

    /// Reads a trace through a buffer of the given initial size, so that tests can split the file at any position.
    package init(path: String, bufferBytes: Int) throws(TraceReadError) {
        let limits = TraceReadLimits()
        let input = try ByteInput(path: path, limits: limits)
        self = try Self.only(Self.collect(input, rules: KernelRules(), limits: limits, bufferBytes: bufferBytes))
    }

    /// The trace of a file of one device.
    private static func only(_ collector: consuming TraceCollector) throws(TraceReadError) -> RankTrace {
        let path = collector.file.path
        let traces = try collector.finish()
        guard traces.count == 1 else {
            throw TraceReadError(
                path: path,
                reason: "holds \(traces.count) devices, each of which is a rank: read it with RankTrace.ranks")
        }
        return traces[0]
    }

    /// Reads the events of a file of Chrome-trace JSON.
    static func collect(
        _ input: ByteInput, rules: KernelRules, limits: TraceReadLimits, keepsRows: Bool = false,
        bufferBytes: Int = 1 << 18
    ) throws(TraceReadError) -> TraceCollector {
        let path = input.path
        guard input.format != .sqlite else {
            throw TraceReadError(
                path: path,
                reason: "is an SQLite database, which may hold several ranks: give a JSON trace of one rank")
        }
        let reader = KinetoReader(
            input: input, collector: TraceCollector(rules: rules, keepsRows: keepsRows), limits: limits,
            bufferBytes: bufferBytes)
        var collector = try reader.read()
        try collector.check(limits, path: path)
        collector.file.path = path
        collector.dropOutliers()
        return collector
    }

    /// The rank in a file's name, as in `rank3.json`, `rank-3` or `rank_3`; nil if there is none.
    package static func rank(inName path: String) -> Int? {
        let name = path.split(separator: "/").last.map { $0.lowercased() } ?? ""
        guard let range = name.firstRange(of: "rank") else { return nil }
        let digits = name[range.upperBound...].drop { $0 == "_" || $0 == "-" || $0 == "." }.prefix {
            $0.isASCII && $0.isNumber
        }
        return digits.count < 10 ? Int(digits) : nil
    }
}
