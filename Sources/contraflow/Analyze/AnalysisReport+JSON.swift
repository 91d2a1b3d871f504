import ProfilerTraces
import Timelines

extension AnalysisReport {
    private struct Document: Encodable {
        let version = 1
        let files: [File]
        let total: Merged<BreakdownJSON, Total>
        @OrNull var pipeline: PipelineJSON?
        let findings: [FindingJSON]
        let ranks: [Merged<RankJSON, BreakdownJSON>]
    }

    private struct File: Encodable {
        let path: String
        let rank, events: Int
        let isTruncated: Bool
        let droppedEvents: Int
        @OrNull var device: String?
    }

    private struct Total: Encodable {
        let families: [CommunicationPartJSON]
    }

    private struct FindingJSON: Encodable {
        let title: String
        @OrNull var rank: Int?
        let timeNs: Int64
        let share: Double
        let evidence: [String]
    }

    /// All figures. Times are nanoseconds.
    func json() throws -> String {
        try JSONOutput.text(
            Document(
                files: traces.map {
                    File(
                        path: $0.file.path, rank: $0.rank, events: $0.file.eventCount,
                        isTruncated: $0.file.isTruncated, droppedEvents: $0.file.droppedEvents, device: $0.device)
                },
                total: Merged(
                    BreakdownJSON(run.total), Total(families: run.families.map(CommunicationPartJSON.init))),
                pipeline: pipeline.map(PipelineJSON.init),
                findings: run.findings.map {
                    FindingJSON(
                        title: $0.title, rank: $0.rank, timeNs: $0.time, share: $0.share, evidence: $0.evidence)
                },
                ranks: run.ranks.indices.map {
                    Merged(
                        RankJSON(run.ranks[$0], run.clocks[$0], run.waiting[$0]), BreakdownJSON(run.ranks[$0].breakdown)
                    )
                }))
    }
}
