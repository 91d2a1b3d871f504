import ProfilerTraces
import Timelines

/// A pipeline's bubbles.
struct PipelineJSON: Encodable {
    let seenBy: String
    let lengthNs: Int64
    @OrNull var bubbleShare: Double?
    @OrNull var stepNs: Int64?
    @OrNull var stageWaitShare: Double?
    let ranks: [Merged<Rank, Bubble>]

    struct Rank: Encodable {
        let rank: Int
        let stageWaitNs: Int64
        let warmUp, steady, drain: Merged<Length, Bubble>

        init(_ rank: PipelineRank) {
            func phase(_ phase: PipelinePhase) -> Merged<Length, Bubble> {
                Merged(Length(lengthNs: rank.lengths[phase.rawValue]), Bubble(rank.bubbles[phase.rawValue]))
            }
            self.rank = rank.rank
            stageWaitNs = rank.stageWait
            warmUp = phase(.warmUp)
            steady = phase(.steady)
            drain = phase(.drain)
        }
    }

    struct Length: Encodable {
        let lengthNs: Int64
    }

    struct Bubble: Encodable {
        let bubbleNs, waitingNs, transferNs, otherNs: Int64

        init(_ bubble: PipelineBubble) {
            bubbleNs = bubble.total
            waitingNs = bubble.waiting
            transferNs = bubble.transfer
            otherNs = bubble.other
        }
    }

    init(_ report: PipelineReport) {
        let pipeline = report.pipeline
        seenBy = pipeline.source == .actions ? "actions" : "messages"
        lengthNs = pipeline.length
        _bubbleShare = OrNull(wrappedValue: pipeline.bubbleShare)
        _stepNs = OrNull(wrappedValue: report.step)
        _stageWaitShare = OrNull(wrappedValue: report.waitedShare)
        ranks = pipeline.ranks.map { Merged(Rank($0), Bubble($0.total)) }
    }
}
