import ProfilerTraces
import Timelines

/// The pipeline's bubbles, as parts of each output format.
struct PipelineReport {
    let pipeline: PipelineAnalysis
    /// The duration of the step according to the run's metrics, in nanoseconds; nil if there are none.
    let step: Int64?

    /// The columns of times, in milliseconds, after the column of names.
    static let columns =
        ["bubble ms", "waiting ms", "transfer ms", "other ms"]
        + PipelinePhase.allCases.flatMap { ["\($0.name) ms", "bubble ms"] }

    /// The cells of ``columns``: the whole bubble and its causes, then the length and the bubble of each phase.
    static func cells(lengths: [Int64], bubbles: [PipelineBubble]) -> [String] {
        let total = bubbles.reduce(PipelineBubble()) { $0 + $1 }
        let times = [total.total, total.waiting, total.transfer, total.other]
        return (times + zip(lengths, bubbles).flatMap { [$0, $1.total] }).map(milliseconds)
    }

    var table: String {
        func row(_ name: String, _ ranks: [PipelineRank]) -> [String] {
            let phases = PipelinePhase.allCases.map(\.rawValue)
            let lengths = phases.map { phase in ranks.reduce(0) { $0 + $1.lengths[phase] } }
            let bubbles = phases.map { phase in ranks.reduce(PipelineBubble()) { $0 + $1.bubbles[phase] } }
            let bubble = bubbles.reduce(0) { $0 + $1.total }
            let share = BubbleShare.of(
                busy: pipeline.length * Int64(ranks.count) - bubble, window: pipeline.length, ranks: ranks.count)
            return [name, percentage(share)] + Self.cells(lengths: lengths, bubbles: bubbles)
        }
        let all = pipeline.ranks.count > 1 ? [row("all", pipeline.ranks)] : []
        let rows = pipeline.ranks.map { row("rank \($0.rank)", [$0]) } + all
        return TextTable(header: ["pipeline", "bubble %"] + Self.columns, rows: rows).render() + waits
    }

    private var waits: String {
        guard let waited = waitedShare, let step else { return "" }
        return "stages waited for one another \(percentage(waited)) % of a step of \(milliseconds(step)) ms\n"
    }

    /// The share of the step that ranks recorded as waits for another stage.
    private var waitedShare: Double? { step.flatMap { pipeline.stageWaitShare(ofStep: $0) } }

    /// The figures for JSON.
    var figures: JSONObject {
        [
            "seen_by": pipeline.source == .actions ? "actions" : "messages", "length_ns": pipeline.length,
            "bubble_share": pipeline.bubbleShare, "step_ns": step, "stage_wait_share": waitedShare,
            "ranks": pipeline.ranks.map { rank in
                PipelinePhase.allCases.reduce(rank.total.figures) { figures, phase in
                    figures.adding([Self.key(phase): Self.figures(rank, phase)])
                }.adding(["rank": rank.rank, "stage_wait_ns": rank.stageWait])
            },
        ]
    }

    private static func figures(_ rank: PipelineRank, _ phase: PipelinePhase) -> JSONObject {
        (["length_ns": rank.lengths[phase.rawValue]] as JSONObject).adding(rank.bubbles[phase.rawValue].figures)
    }

    private static func key(_ phase: PipelinePhase) -> String { phase.name.replacing("-", with: "_") }

    /// The columns of the CSV output.
    static let csvColumns = PipelinePhase.allCases.flatMap { phase in
        (["length_ns"] + PipelineBubble().figures.keys).map { "\(key(phase))_\($0)" }
    }

    /// The cells of ``csvColumns`` for a rank; empty cells if the rank is not part of the pipeline.
    func csvCells(ofRank rank: Int) -> [String] {
        guard let rank = pipeline.ranks.first(where: { $0.rank == rank }) else {
            return Self.csvColumns.map { _ in "" }
        }
        return PipelinePhase.allCases.flatMap { Self.figures(rank, $0).cells() }
    }
}

extension PipelineBubble {
    fileprivate var figures: JSONObject {
        ["bubble_ns": total, "waiting_ns": waiting, "transfer_ns": transfer, "other_ns": other]
    }
}
