package import DistributedRuntime
import LibTorch
package import MoEModels

/// The exchanges of an expert-parallel group. Each exchange starts at once and is waited for when its result is read.
package struct TokenDispatcher {
    /// The result of an exchange that may still be pending.
    struct Pending {
        let tensor: Tensor
        let work: PendingWork?
        /// The extent of the exchange in the timeline, if it is recorded.
        var extent: SpanRecorder.Extent?
        /// The gathered counts, if the exchange has gathered counts.
        var counts: GatheredCounts?
        /// The tensor that is sent.
        var source: Tensor?
    }

    private let group: ProcessGroup?
    private let countsGroup: ProcessGroup?
    private let shared: SharedMemoryGroup?
    private let share: ParameterSet.ExpertShare
    private let streams: RankStreams?
    private let recorder: SpanRecorder?
    /// Whether other work runs while an exchange is pending. If not, each exchange is waited for at once.
    let overlaps: Bool

    /// - Parameters:
    ///   - group: The expert-parallel group; nil if one rank holds all experts.
    ///   - countsGroup: A second group of the same ranks for counts, so that counts do not queue behind tokens.
    ///   - shared: The same ranks over shared memory, for exchanges that fit in it; nil if they do not share memory.
    ///   - streams: The streams of the exchanges; nil for the current stream.
    ///   - recorder: Records the extents of exchanges.
    ///   - overlaps: Whether other work runs while an exchange is pending.
    package init(
        group: ProcessGroup?, countsGroup: ProcessGroup?, shared: SharedMemoryGroup? = nil,
        share: ParameterSet.ExpertShare, streams: RankStreams? = nil, recorder: SpanRecorder? = nil,
        overlaps: Bool = true
    ) {
        self.group = group
        self.countsGroup = countsGroup
        self.shared = shared
        self.share = share
        self.streams = streams
        self.recorder = recorder
        self.overlaps = overlaps
    }

    /// Gathers the counts [experts] of all ranks as [ranks, experts].
    ///
    /// - Parameter event: The event after which `counts_E` is computed.
    func gatherCounts(_ counts_E: Tensor, after event: Event) throws -> Pending {
        let shape = [share.count, counts_E.elementCount]
        return try on(streams?.counts, after: event) {
            guard let countsGroup else {
                let counts = GatheredCounts(try counts_E.reshaped(shape))
                try counts.startReading()
                return Pending(tensor: counts.tensor_RE, work: nil, counts: counts)
            }
            // Gloo requires an output with as many dimensions as the input.
            let gathered = try Tensor.empty([shape[0] * shape[1]], .int64)
            let (work, extent) = try started(on: streams?.countTimer, after: event) {
                try countsGroup.allGather(into: gathered, from: counts_E)
            }
            let counts = GatheredCounts(try gathered.reshaped(shape))
            return Pending(tensor: counts.tensor_RE, work: work, extent: extent, counts: counts)
        }
    }

    /// Waits for an exchange. On a device, the current stream waits, and the counts start on their way to the host.
    func wait(_ pending: Pending) throws {
        if let counts = pending.counts {
            let event = try on(streams?.counts) {
                try pending.work?.wait()
                try counts.startReading()
                return try Event.record()
            }
            try event.wait()
        } else {
            try pending.work?.wait()
        }
        guard streams != nil else { return }
        let current = try Stream.current
        try pending.tensor.keep(for: current)
        try pending.source?.keep(for: current)
    }

    /// Runs `body` on `stream`, after `event`; on the current stream if `stream` is nil.
    private func on<Result>(_ stream: Stream?, after event: Event? = nil, _ body: () throws -> Result) throws -> Result
    {
        guard let stream else { return try body() }
        return try stream.perform(after: event, body)
    }

    /// The direction of an all-to-all.
    enum Direction {
        /// Rows go to the ranks that hold their experts.
        case dispatch
        /// Rows return to the ranks that they came from.
        case combine
        /// The weights of experts go to the ranks that fetch replicas.
        case fetch

        /// Returns the number of rows that rank `source` sends to rank `target`.
        func rows(_ counts: GatheredCounts, from source: Int, to target: Int) throws -> Int {
            switch self {
            case .dispatch: try counts.rows(from: source, to: target)
            case .combine: try counts.rows(from: target, to: source)
            case .fetch: counts.fetches(from: source, to: target)
            }
        }
    }

    /// Exchanges rows among the ranks of the group.
    ///
    /// - Parameter event: The event after which `rows` is computed.
    func exchange(_ rows: Tensor, _ direction: Direction, counts: GatheredCounts, after event: Event) throws -> Pending
    {
        guard let group else { return Pending(tensor: rows, work: nil) }
        let ranks = 0..<share.count
        let sent = try ranks.map { try direction.rows(counts, from: share.index, to: $0) }
        let received = try ranks.map { try direction.rows(counts, from: $0, to: share.index) }
        var carrier = group
        if let shared {
            // All members see all counts, so that all make the same choice.
            let row = try rows.shape.dropFirst().reduce(rows.type.byteCount, *)
            let hasRoom = try ranks.allSatisfy { rank in
                try ranks.reduce(0) { $0 + (try direction.rows(counts, from: rank, to: $1)) } * row <= shared.capacity
            }
            if hasRoom { carrier = shared }
        }
        return try on(streams?.tokens, after: event) {
            let output = try Tensor.empty([received.reduce(0, +)] + rows.shape.dropFirst(), rows.type)
            let source = try rows.contiguous()
            let (work, extent) = try started(on: streams?.tokenTimer, after: event) {
                try carrier.allToAll(into: output, outputRows: received, from: source, inputRows: sent)
            }
            return Pending(tensor: output, work: work, extent: extent, source: source)
        }
    }

    /// Starts an exchange, and its extent if it is recorded.
    private func started(
        on timer: Stream?, after event: Event, _ start: () throws -> PendingWork
    ) throws -> (work: PendingWork, extent: SpanRecorder.Extent?) {
        guard let recorder else { return (try start(), nil) }
        let extent = try recorder.extent(on: timer, after: event, start)
        return (extent.work, extent)
    }
}
