import ProfilerTraces
import Timelines

/// A pipeline's bubbles, as parts of each format.
struct PipelineReport {
    let pipeline: PipelineAnalysis
    /// How long the step took by the run's own metrics, in nanoseconds; nil if there are none.
    let step: Int64?

    private static let causes = ["waiting ms", "transfer ms", "other ms"]

    var table: String {
        let phases = PipelinePhase.allCases
        let header =
            ["pipeline", "bubble %", "bubble ms"] + Self.causes + phases.flatMap { ["\($0.name) ms", "bubble ms"] }
        var rows = pipeline.ranks.map { rank in
            row("rank \(rank.rank)", rank.total, lengths: rank.lengths, bubbles: rank.bubbles, ranks: 1)
        }
        if pipeline.ranks.count > 1 {
            let lengths = phases.map { phase in pipeline.ranks.reduce(0) { $0 + $1.lengths[phase.rawValue] } }
            let bubbles = phases.map { phase in
                pipeline.ranks.reduce(PipelineBubble()) { $0 + $1.bubbles[phase.rawValue] }
            }
            rows.append(
                row("all", pipeline.total, lengths: lengths, bubbles: bubbles, ranks: pipeline.ranks.count))
        }
        return TextTable(header: header, rows: rows).render() + waits
    }

    private func row(
        _ name: String, _ total: PipelineBubble, lengths: [Int64], bubbles: [PipelineBubble], ranks: Int
    ) -> [String] {
        [name, percentage(share(total.total, ranks: ranks)), milliseconds(total.total)]
            + [total.waiting, total.transfer, total.other].map(milliseconds)
            + zip(lengths, bubbles).flatMap {
                [milliseconds($0), milliseconds($1.total)]
            }
    }

    private var waits: String {
        guard let waited = waitedShare, let step else { return "" }
        return "stages waited for one another \(percentage(waited)) % of a step of \(milliseconds(step)) ms\n"
    }

    private func share(_ time: Int64, ranks: Int) -> Double? {
        pipeline.length == 0 ? nil : Double(time) / (Double(pipeline.length) * Double(ranks))
    }

    /// The part of the step in which ranks say that they waited for another stage.
    var waitedShare: Double? { step.flatMap { pipeline.stageWaitShare(ofStep: $0) } }

    private static func key(_ phase: PipelinePhase) -> String { phase.name.replacing("-", with: "_") }

    /// The columns of CSV.
    static let columns = PipelinePhase.allCases.flatMap { phase in
        ["length", "bubble", "waiting", "transfer", "other"].map { "\(key(phase))_\($0)_ns" }
    }

    /// A rank's cells of these columns; empty ones if the rank takes no part.
    func cells(ofRank rank: Int) -> [String] {
        guard let rank = pipeline.ranks.first(where: { $0.rank == rank }) else { return Self.columns.map { _ in "" } }
        return PipelinePhase.allCases.flatMap { phase in
            let bubble = rank.bubbles[phase.rawValue]
            return [rank.lengths[phase.rawValue], bubble.total, bubble.waiting, bubble.transfer, bubble.other].map {
                String($0)
            }
        }
    }
}
