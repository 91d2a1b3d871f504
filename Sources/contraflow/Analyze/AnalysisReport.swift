import ProfilerTraces
import Timelines

extension RankAnalysis {
    /// The rank, with its device if its file holds several.
    var label: String { "\(rank)" + (part.map { " (\($0.name))" } ?? "") }
}

/// An analysis together with its display options. Each output format is an extension.
struct AnalysisReport {
    let run: RunAnalysis
    let traces: [RankTrace]
    /// The maximum number of rows of each list in the table.
    let top: Int
    /// The pipeline's bubbles; nil if the traces show no pipeline.
    let pipeline: PipelineReport?

    /// The prefix `rank N: ` of a text about one rank; empty if there is only one rank.
    func prefix(ofRank rank: Int?) -> String { rank.map { run.ranks.count > 1 ? "rank \($0): " : "" } ?? "" }

    /// The title of a finding, with its rank and its time.
    func title(of finding: Finding) -> String {
        "\(prefix(ofRank: finding.rank))\(finding.title): \(milliseconds(finding.time)) ms"
    }

    /// The text after a finding's title: the part of the span that could be saved.
    static func worth(of finding: Finding) -> String { ", at most \(percentage(finding.share)) % of the span" }

    /// The table cells of a part of the communication: name, count, times and hidden share.
    static func cells(_ part: CommunicationPart) -> [String] {
        [
            part.name, String(part.count), milliseconds(part.time), milliseconds(part.exposed),
            percentage(part.hiddenShare),
        ]
    }
}
