import Timelines

/// What differs between two runs of the same program. All times are nanoseconds a rank: sums divided by the ranks.
public struct RunComparison: Sendable {
    /// One row: a class, a kernel or a range.
    public struct Row: Hashable, Sendable {
        /// What it is.
        public let name: String
        /// Its time in the first run.
        public let first: Int64
        /// Its time in the second run.
        public let second: Int64
        /// How much longer the first run takes for it than the second; negative where it is faster.
        public var difference: Int64 { first - second }
    }

    /// Span, busy, idle and the classes.
    public let classes: [Row]
    /// Kernels by the size of their difference; names without arguments, the same names together.
    public let kernels: [Row]
    /// Exposed communication by the range that launched it, by the size of the difference.
    public let ranges: [Row]
    /// The length of each of a pipeline's phases and its bubble; empty where neither run shows a pipeline.
    public let phases: [Row]

    /// Compares a run with another.
    public init(_ first: RunAnalysis, against second: RunAnalysis) {
        func mean(_ run: RunAnalysis, _ time: (TimeBreakdown) -> Int64) -> Int64 {
            run.ranks.isEmpty ? 0 : time(run.total) / Int64(run.ranks.count)
        }
        let measures: [(String, (TimeBreakdown) -> Int64)] = [
            ("span", { $0.span }), ("busy", { $0.busy }), ("idle", { $0.idle }), ("compute", { $0.compute }),
            ("communication", { $0.communication }), ("exposed communication", { $0.exposed }),
            ("waiting kernels", { $0.waiting }), ("memory", { $0.memory }),
        ]
        classes = measures.map { Row(name: $0.0, first: mean(first, $0.1), second: mean(second, $0.1)) }
        kernels = Self.rows(first, second) { rank in rank.kernels.map { (shortKernelName($0.name), $0.time) } }
        ranges = Self.rows(first, second) { rank in
            (rank.annotations.isEmpty ? rank.families : rank.annotations).map { ($0.name, $0.exposed) }
        }
        phases = first.pipeline == nil && second.pipeline == nil ? [] : Self.phases(first.pipeline, second.pipeline)
    }

    private static func phases(_ first: PipelineAnalysis?, _ second: PipelineAnalysis?) -> [Row] {
        func mean(_ pipeline: PipelineAnalysis?, _ time: (PipelineRank) -> Int64) -> Int64 {
            guard let pipeline, !pipeline.ranks.isEmpty else { return 0 }
            return pipeline.ranks.reduce(0) { $0 + time($1) } / Int64(pipeline.ranks.count)
        }
        func row(_ name: String, _ time: (PipelineRank) -> Int64) -> Row {
            Row(name: name, first: mean(first, time), second: mean(second, time))
        }
        return PipelinePhase.allCases.flatMap { phase in
            [
                row(phase.name) { $0.lengths[phase.rawValue] },
                row("bubble of \(phase.name)") { $0.bubbles[phase.rawValue].total },
            ]
        }
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
