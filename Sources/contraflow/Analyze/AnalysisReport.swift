import ProfilerTraces
import Timelines

/// An analysis with the options by which it is shown; each format is an extension.
struct AnalysisReport {
    let run: RunAnalysis
    let traces: [RankTrace]
    /// Rows of each list in the table.
    let top: Int
    /// The pipeline's bubbles; nil if the traces show no pipeline.
    let pipeline: PipelineReport?

    /// The rank before what is said of it, if there are several ranks.
    func prefix(ofRank rank: Int?) -> String { rank.map { run.ranks.count > 1 ? "rank \($0): " : "" } ?? "" }

    /// A finding with its rank and its time.
    func title(of finding: Finding) -> String {
        "\(prefix(ofRank: finding.rank))\(finding.title): \(milliseconds(finding.time)) ms"
    }

    /// The words behind a finding's title.
    static func worth(of finding: Finding) -> String { ", at most \(percentage(finding.share)) % of the span" }

    /// The name, the count, the times and the hidden share of a part of the communication.
    static func cells(_ part: CommunicationPart) -> [String] {
        [
            part.name, String(part.count), milliseconds(part.time), milliseconds(part.exposed),
            percentage(part.hiddenShare),
        ]
    }
}
