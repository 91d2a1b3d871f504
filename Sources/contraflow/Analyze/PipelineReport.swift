import Timelines
import ProfilerTraces

/// A pipeline's bubbles as pieces of each format.
struct PipelineReport {
    let pipeline: PipelineAnalysis
    /// How long the step took by the run's own metrics, in nanoseconds; nil where there are none.
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

    /// The part of the step in which ranks say that they waited for another stage, which a run's metrics call bubble.
    var waitedShare: Double? {
        let waited = pipeline.ranks.reduce(0) { $0 + $1.stageWait }
        guard let step, step > 0, waited > 0 else { return nil }
        return Double(waited) / (Double(step) * Double(pipeline.ranks.count))
    }

    var json: String {
        let ranks = pipeline.ranks.map { rank in
            JSONText.object(
                [("rank", String(rank.rank))] + members(rank.total)
                    + [("stage_wait_ns", String(rank.stageWait))]
                    + PipelinePhase.allCases.map { phase in
                        let length = [("length_ns", String(rank.lengths[phase.rawValue]))]
                        return (Self.key(phase), JSONText.object(length + members(rank.bubbles[phase.rawValue])))
                    })
        }
        return JSONText.object([
            ("seen_by", JSONText.string(pipeline.source == .actions ? "actions" : "messages")),
            ("length_ns", String(pipeline.length)), ("bubble_share", JSONText.number(pipeline.bubbleShare)),
            ("step_ns", JSONText.number(step)), ("stage_wait_share", JSONText.number(waitedShare)),
            ("ranks", JSONText.array(ranks, indent: "    ")),
        ])
    }

    private func members(_ bubble: PipelineBubble) -> [(String, String)] {
        [
            ("bubble_ns", String(bubble.total)), ("waiting_ns", String(bubble.waiting)),
            ("transfer_ns", String(bubble.transfer)), ("other_ns", String(bubble.other)),
        ]
    }

    private static func key(_ phase: PipelinePhase) -> String { phase.name.replacing("-", with: "_") }

    /// Names of the columns that a rank's row of CSV gets.
    static let columns = PipelinePhase.allCases.flatMap { phase in
        ["length", "bubble", "waiting", "transfer", "other"].map { "\(key(phase))_\($0)_ns" }
    }

    /// A rank's cells under those names; empty ones where the rank takes no part.
    func cells(ofRank rank: Int) -> [String] {
        guard let rank = pipeline.ranks.first(where: { $0.rank == rank }) else { return Self.columns.map { _ in "" } }
        return PipelinePhase.allCases.flatMap { phase in
            let bubble = rank.bubbles[phase.rawValue]
            return [rank.lengths[phase.rawValue], bubble.total, bubble.waiting, bubble.transfer, bubble.other].map {
                String($0)
            }
        }
    }

    /// One finding a phase that has a bubble, worth at most the mean of all ranks' bubble.
    var findings: [Finding] {
        PipelinePhase.allCases.compactMap { phase in
            let sum = pipeline.ranks.reduce(PipelineBubble()) { $0 + $1.bubbles[phase.rawValue] }
            let mean = sum.total / Int64(max(1, pipeline.ranks.count))
            guard pipeline.length > 0,
                let most = pipeline.ranks.max(by: {
                    $0.bubbles[phase.rawValue].total < $1.bubbles[phase.rawValue].total
                })
            else { return nil }
            let share = Double(mean) / Double(pipeline.length)
            guard share >= 0.001 else { return nil }
            let parts = [("waiting for other stages", sum.waiting), ("transfer", sum.transfer), ("other", sum.other)]
                .filter { $0.1 > 0 }.map {
                    "\(percentage(Double($0.1) / Double(max(1, sum.total)))) % \($0.0)"
                }
            return Finding(
                title: "the pipeline's bubble, \(phase.name)", rank: nil, time: mean, share: share,
                evidence: [
                    parts.joined(separator: ", "),
                    "most on rank \(most.rank): \(milliseconds(most.bubbles[phase.rawValue].total)) ms",
                ])
        }
    }
}
