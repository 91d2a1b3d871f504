import Timelines

/// The differences between two runs of the same program. All times are nanoseconds per rank: sums over ranks divided by
/// the number of ranks.
public struct RunComparison: Sendable {
    /// A row of the comparison: a class, a kernel, a range or a phase.
    public struct Row: Hashable, Sendable {
        /// The name of the class, kernel, range or phase.
        public let name: String
        /// The time in the first run.
        public let first: Int64
        /// The time in the second run.
        public let second: Int64
        /// The time in the first run minus the time in the second; negative if the first run is faster.
        public var difference: Int64 { first - second }
    }

    /// The span, busy and idle times and those of the classes.
    public let classes: [Row]
    /// The kernels by the size of their difference. Kernels with the same name without arguments are one row.
    public let kernels: [Row]
    /// The exposed communication by the range in which it was launched, or by kernel family if a rank has no ranges;
    /// ordered by the size of the difference.
    public let ranges: [Row]
    /// The length and the bubble of each phase of the pipeline; empty if neither run shows a pipeline.
    public let phases: [Row]

    /// Compares `first` with `second`.
    public init(_ first: RunAnalysis, against second: RunAnalysis) {
        let measures: [(String, (TimeBreakdown) -> Int64)] = [
            ("span", { $0.span }), ("busy", { $0.busy }), ("idle", { $0.idle }), ("compute", { $0.compute }),
            ("communication", { $0.communication }), ("exposed communication", { $0.exposed }),
            ("waiting kernels", { $0.waiting }), ("memory", { $0.memory }),
        ]
        classes = measures.map { name, time in Self.row(name, first.ranks, second.ranks) { time($0.breakdown) } }
        kernels = Self.rows(first, second) { rank in rank.kernels.map { (shortKernelName($0.name), $0.time) } }
        ranges = Self.rows(first, second) { rank in
            (rank.annotations.isEmpty ? rank.families : rank.annotations).map { ($0.name, $0.exposed) }
        }
        let (own, other) = (first.pipeline?.ranks ?? [], second.pipeline?.ranks ?? [])
        let shown = own.isEmpty && other.isEmpty ? [] : PipelinePhase.allCases
        phases = shown.flatMap { phase in
            [
                Self.row(phase.name, own, other) { $0.lengths[phase.rawValue] },
                Self.row("bubble of \(phase.name)", own, other) { $0.bubbles[phase.rawValue].total },
            ]
        }
    }

    /// The row of the mean over ranks of a time.
    private static func row<Rank>(_ name: String, _ first: [Rank], _ second: [Rank], _ time: (Rank) -> Int64) -> Row {
        func mean(_ ranks: [Rank]) -> Int64 { ranks.reduce(0) { $0 + time($1) } / Int64(max(1, ranks.count)) }
        return Row(name: name, first: mean(first), second: mean(second))
    }

    private static func rows(
        _ first: RunAnalysis, _ second: RunAnalysis, _ parts: (RankAnalysis) -> [(String, Int64)]
    ) -> [Row] {
        func sums(_ run: RunAnalysis) -> [String: Int64] {
            var sums: [String: Int64] = [:]
            for rank in run.ranks {
                for (name, time) in parts(rank) { sums[name, default: 0] += time }
            }
            return sums.mapValues { $0 / Int64(max(1, run.ranks.count)) }
        }
        let left = sums(first)
        let right = sums(second)
        return Set(left.keys).union(right.keys).map { Row(name: $0, first: left[$0] ?? 0, second: right[$0] ?? 0) }
            .sorted { ($1.difference.magnitude, $0.name) < ($0.difference.magnitude, $1.name) }
    }
}
