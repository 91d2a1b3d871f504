/// The figures that HolisticTraceAnalysis 0.6 gives for a run, computed by that tool's rules.
///
/// The tool's rules differ from those of ``RankAnalysis``. Only kernels whose names begin with `nccl`, `hip` or `hccl`,
/// or contain `ncclKernel`, are communication. If a file has a start that is missing or not a whole number of
/// microseconds, all of its starts are rounded up and all of its ends are rounded down. If there are two or more
/// profiler steps, work launched from the last step on is dropped. All times are microseconds.
public struct HolisticAnalysis: Sendable {
    /// The figures of one rank.
    public struct Rank: Hashable, Sendable {
        /// The rank.
        public let rank: Int
        /// `comp_comm_overlap_pctg`; nil if there is no communication, for which the tool prints NaN.
        public let overlapPercent: Double?
        /// `idle_time(us)`.
        public let idle: Double
        /// `compute_time(us)`.
        public let compute: Double
        /// `non_compute_time(us)`.
        public let nonCompute: Double
        /// `kernel_time(us)`.
        public let kernel: Double

        /// Returns a time's percentage of ``kernel``, as in the tool's `_pctg` columns; nil if ``kernel`` is 0.
        public func percent(_ time: Double) -> Double? { kernel == 0 ? nil : rounded(100 * (time / kernel)) }
    }

    /// The figures of each trace, in the order given; all 0 for a trace without device events.
    public let ranks: [Rank]

    /// Idle time by rank, stream and cause, as `get_idle_time_breakdown` gives it for all ranks.
    public let idleTimes: [IdleTime]

    /// The traces that hold the work of several devices, which the tool does not tell apart.
    public let unions: [(rank: Int, devices: Int)]

    /// Reads traces and analyzes them as one run.
    ///
    /// - Throws: ``TraceReadError`` if a file cannot be read or is not a trace.
    public init(
        paths: [String], includesLastStep: Bool = false, limits: TraceReadLimits = TraceReadLimits()
    ) throws(TraceReadError) {
        var traces: [(rank: Int, rows: HolisticRows)] = []
        var unions: [(rank: Int, devices: Int)] = []
        for (index, path) in paths.enumerated() {
            let collector = try RankTrace.collect(
                ByteInput(path: path, limits: limits), rules: KernelRules(), limits: limits, keepsRows: true)
            traces.append((collector.rank ?? index, collector.rows ?? HolisticRows()))
            let devices = collector.device.deviceCount
            if devices > 1 { unions.append((collector.rank ?? index, devices)) }
        }
        let stepNames = Set(traces.flatMap(\.rows.names).filter { HolisticRows.isStep($0.utf8) })
        let origin = traces.compactMap(\.rows.earliest).min() ?? 0
        var ranks: [Rank] = []
        var idleTimes: [IdleTime] = []
        for (rank, rows) in traces {
            let keepsHost =
                stepNames.count < 2 ? nil : rows.hostFilter(includesLastStep: includesLastStep, origin: origin)
            let work = rows.kept(keepsHost)
            ranks.append(Rank(rank: rank, rows: rows, work: work, origin: origin))
            idleTimes += IdleTime.ofRank(rank, rows: rows, work: work, keepsHost: keepsHost, origin: origin)
        }
        self.unions = unions
        self.ranks = ranks
        self.idleTimes = idleTimes
    }
}

extension HolisticAnalysis.Rank {
    fileprivate init(rank: Int, rows: HolisticRows, work: [HolisticRows.Work], origin: Double) {
        let times = { rows.times($0, origin: origin) }
        let kinds = rows.names.map(HolisticKind.init)
        let all = merged(work.map(times))
        let computation = merged(work.filter { kinds[Int($0.name)] == .computation }.map(times))
        let communication = merged(work.filter { kinds[Int($0.name)] == .communication }.map(times))
        self.rank = rank
        kernel = (all.last?.end ?? 0) - (all.first?.start ?? 0)
        idle = kernel - length(all)
        compute = length(computation)
        nonCompute = kernel - compute - idle
        let whole = length(communication)
        overlapPercent = whole == 0 ? nil : rounded(100 * (overlap(communication, computation) / whole))
    }
}

/// Merges runs that overlap or touch. A run whose end rounding moved before its start has a negative length, as in the
/// tool.
private func merged(_ times: [HolisticRows.Times]) -> [HolisticRows.Times] {
    var result: [HolisticRows.Times] = []
    var latest = -Double.infinity
    for time in times.sorted(by: { $0.start < $1.start }) {
        if let last = result.last, time.start <= latest {
            result[result.count - 1].end = max(last.end, time.end)
        } else {
            result.append(time)
        }
        latest = max(latest, time.end)
    }
    return result
}

private func length(_ times: [HolisticRows.Times]) -> Double { times.reduce(0) { $0 + ($1.end - $1.start) } }

/// Returns the time in which exactly one run of each list is open, by counting starts and ends.
private func overlap(_ left: [HolisticRows.Times], _ right: [HolisticRows.Times]) -> Double {
    var edges: [(time: Double, change: Int)] = []
    for time in left { edges += [(time.start, 1), (time.end, -1)] }
    for time in right { edges += [(time.start, 2), (time.end, -2)] }
    edges.sort { $0.time < $1.time }
    var running = 0
    var sum = 0.0
    for (index, edge) in edges.enumerated() {
        running += edge.change
        if running == 3, index + 1 < edges.count { sum += edges[index + 1].time - edge.time }
    }
    return sum
}

/// Rounds to two decimals, half to even, as NumPy does.
func rounded(_ value: Double) -> Double { (value * 100).rounded(.toNearestOrEven) / 100 }
