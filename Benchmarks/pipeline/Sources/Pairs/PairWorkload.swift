import DistributedRuntime
import LibTorch
import PipelineRuntime

/// The rows of a rank with one kind of exchange: a short row and a long one, which has more pairs and is otherwise
/// equal.
final class PairWorkload {
    /// The name of the exchange; nil for computation alone.
    let exchange: String?
    let overlaps: Bool
    private let short, long: PairRow

    /// The micro-batches of the two rows. Each micro-batch adds two pairs: one per stage.
    private static let microbatches = (short: 2, long: 6)

    init(_ model: PairModel, _ place: RankContext, exchange: PairExchange?, overlaps: Bool) throws {
        self.exchange = exchange?.name
        self.overlaps = overlaps
        let group = try exchange?.group(place)
        let streams = try RankStreams()
        let recorder = SpanRecorder(rank: 0, clock: Device.current == .cpu ? .host : .streams)
        let dispatcher = TokenDispatcher(
            group: group, countsGroup: nil, share: model.share, streams: streams, recorder: recorder, overlaps: overlaps
        )
        func row(_ microbatches: Int) throws -> PairRow {
            try PairRow(model, dispatcher, streams, recorder, microbatches: microbatches, overlaps: overlaps)
        }
        short = try row(Self.microbatches.short)
        long = try row(Self.microbatches.long)
    }

    /// Runs both rows until their memory is allocated and their overlap is planned.
    func prepare() throws {
        for row in [short, long] {
            _ = try row.seconds()
            if overlaps { try row.plan() }
            _ = try row.seconds()
        }
    }

    func secondsPerPair() throws -> Double {
        let pairs = 2 * (Self.microbatches.long - Self.microbatches.short)
        return (try long.seconds() - short.seconds()) / Double(pairs)
    }
}
