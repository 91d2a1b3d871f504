import ProfilerTraces

/// HolisticTraceAnalysis's figures under its own column names.
struct CompatibleReport {
    let analysis: HolisticAnalysis

    init(_ analysis: HolisticAnalysis) {
        self.analysis = analysis
    }

    private var ranks: [Rank] { analysis.ranks.map(Rank.init) }
    private var idleTimes: [IdleTime] { analysis.idleTimes.map(IdleTime.init) }

    var table: String {
        [
            TextTable(header: Rank.columns, rows: ranks.map(\.cells)),
            TextTable(header: IdleTime.columns, rows: idleTimes.map(\.cells)),
        ].map { $0.render() }.joined(separator: "\n")
    }

    var csv: String {
        ([Rank.columns] + ranks.map(\.cells)).map { $0.joined(separator: ",") }.joined(separator: "\n") + "\n"
    }

    private struct Document: Encodable {
        let version = 1
        let compatible = "hta"
        let ranks: [Rank]
        let idleTimeBreakdown: [IdleTime]
    }

    func json() throws -> String {
        try JSONOutput.text(Document(ranks: ranks, idleTimeBreakdown: idleTimes))
    }
}

extension CompatibleReport {
    /// A row of the overlap and of the temporal breakdown.
    private struct Rank: Encodable {
        let rank: Int
        @OrNull var overlapPercent: Double?
        let idle, compute, nonCompute, kernel: Double
        @OrNull var idlePercent: Double?
        @OrNull var computePercent: Double?
        @OrNull var nonComputePercent: Double?

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case rank
            case overlapPercent = "comp_comm_overlap_pctg"
            case idle = "idle_time(us)"
            case compute = "compute_time(us)"
            case nonCompute = "non_compute_time(us)"
            case kernel = "kernel_time(us)"
            case idlePercent = "idle_time_pctg"
            case computePercent = "compute_time_pctg"
            case nonComputePercent = "non_compute_time_pctg"
        }

        static var columns: [String] { CodingKeys.allCases.map(\.rawValue) }

        init(_ rank: HolisticAnalysis.Rank) {
            self.rank = rank.rank
            _overlapPercent = OrNull(wrappedValue: rank.overlapPercent)
            idle = rank.idle
            compute = rank.compute
            nonCompute = rank.nonCompute
            kernel = rank.kernel
            _idlePercent = OrNull(wrappedValue: rank.percent(rank.idle))
            _computePercent = OrNull(wrappedValue: rank.percent(rank.compute))
            _nonComputePercent = OrNull(wrappedValue: rank.percent(rank.nonCompute))
        }

        var cells: [String] {
            let values = [
                overlapPercent, idle, compute, nonCompute, kernel, idlePercent, computePercent, nonComputePercent,
            ]
            return [String(rank)] + values.map(CompatibleReport.cell)
        }
    }

    /// A row of the idle-time breakdown.
    private struct IdleTime: Encodable {
        let rank: Int
        let stream: Int64
        let cause: String
        let time: Double
        @OrNull var ratio: Double?

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case rank, stream
            case cause = "idle_category"
            case time = "idle_time"
            case ratio = "idle_time_ratio"
        }

        static var columns: [String] { CodingKeys.allCases.map(\.rawValue) }

        init(_ idle: HolisticAnalysis.IdleTime) {
            rank = idle.rank
            stream = idle.stream
            cause = idle.cause.name
            time = idle.time
            _ratio = OrNull(wrappedValue: idle.ratio)
        }

        var cells: [String] { [String(rank), String(stream), cause] + [time, ratio].map(CompatibleReport.cell) }
    }

    /// A number as the tool prints it.
    private static func cell(_ value: Double?) -> String { value.map { "\($0)" } ?? "NaN" }
}
