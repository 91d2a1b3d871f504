import Timelines

/// The messages between the ranks of a pipeline, from the kernels that send and receive.
///
/// The k-th message that a rank sends to another is the k-th that the other receives from it. If their numbers differ,
/// only messages with a certain counterpart by order and size are linked. Of two ranks, the one that sends first is the earlier stage: it sends activations and receives gradients.
struct PipelineMessages {
    /// One end of a message.
    private struct End {
        /// The index of the rank.
        var rank: Int
        /// The index of the rank at the other end.
        var peer: Int
        var isSend: Bool
        /// The size in bytes; -1 if the trace does not say.
        var bytes: Int64
        /// The interval of the kernel, in nanoseconds on the rank's own clock.
        var interval: Range<Int64>
        /// The interval of the kernel at the other end, on that rank's clock; nil if it was not found.
        var counterpart: Range<Int64>?
        var isActivation = false

        var link: RankLink { isSend ? RankLink(from: rank, to: peer) : RankLink(from: peer, to: rank) }
    }

    private var ends: [End] = []
    /// For each trace, the indices of the spans that send or receive.
    private(set) var spans: [Set<Int>]
    /// For each trace, the number of kernels that send or receive without a known peer.
    private(set) var unknown: [Int]
    /// For each trace, the number of messages whose other end is not known.
    var withoutCounterpart: [Int] {
        var counts = absent
        for end in ends where end.counterpart == nil { counts[end.rank] += 1 }
        return counts
    }
    /// For each trace, the number of messages to and from ranks without a trace.
    private var absent: [Int]

    init(_ traces: [RankTrace]) {
        let launched = inParallel(traces.count) { LaunchedMessages(traces[$0]) }
        let peers = MessagePeers(traces, launched)
        spans = launched.map { Set($0.messages.keys) }
        unknown = launched.map(\.unknown.count)
        absent = [Int](repeating: 0, count: traces.count)
        for (rank, trace) in traces.enumerated() {
            let isMessage = trace.collectives.map { $0.isSend || $0.isReceive }
            for (index, collective) in trace.collectiveOfSpan.enumerated() where collective >= 0 {
                guard isMessage[Int(collective)], trace.kind(of: trace.timeline.spans[index]).activity == .communication
                else { continue }
                spans[rank].insert(index)
                let message = trace.collectives[Int(collective)]
                add(
                    index, peers.peer(of: message, rank: rank), isSend: message.isSend, bytes: message.bytes ?? -1,
                    rank: rank, trace)
            }
            for (index, messages) in launched[rank].messages {
                for message in messages {
                    add(
                        index, peers.peer(of: message, rank: rank), isSend: message.isSend, bytes: message.bytes,
                        rank: rank, trace)
                }
            }
        }
        ends.sort { ($0.interval.lowerBound, $0.rank, $0.peer) < ($1.interval.lowerBound, $1.rank, $1.peer) }
        match()
    }

    /// Adds the end of a message that the span at `index` sends or receives.
    private mutating func add(
        _ index: Int, _ peer: MessagePeers.Peer, isSend: Bool, bytes: Int64, rank: Int, _ trace: RankTrace
    ) {
        switch peer {
        case .unknown: unknown[rank] += 1
        case .withoutTrace: absent[rank] += 1
        case .trace(let peer):
            let span = trace.timeline.spans[index]
            let (start, overflow) = span.start.addingReportingOverflow(trace.baseTime)
            guard peer != rank, !overflow, start.magnitude < 1 << 61 else { return }
            ends.append(
                End(rank: rank, peer: peer, isSend: isSend, bytes: bytes, interval: start..<start + span.duration))
        }
    }

    /// Whether no message has two known ends.
    var isEmpty: Bool { !ends.contains { $0.counterpart != nil } }

    /// Links the two ends of each message and classifies each message as an activation or a gradient.
    private mutating func match() {
        let sends = Dictionary(grouping: ends.indices.filter { ends[$0].isSend }) { ends[$0].link }
        let receives = Dictionary(grouping: ends.indices.filter { !ends[$0].isSend }) { ends[$0].link }
        for (link, sent) in sends {
            guard let received = receives[link] else { continue }
            let partners = SequenceAlignment.certainPartners(
                sent.map { ends[$0].bytes }, received.map { ends[$0].bytes })
            for (send, partner) in zip(sent, partners) where partner >= 0 {
                let receive = received[partner]
                ends[send].counterpart = ends[receive].interval
                ends[receive].counterpart = ends[send].interval
            }
        }
        for link in Set(sends.keys).union(receives.keys) {
            // Both messages are compared on one rank, so that clock offsets do not matter.
            let isActivation =
                isFirst(sends[link]?.first, before: receives[link.reversed]?.first)
                ?? isFirst(receives[link]?.first, before: sends[link.reversed]?.first) ?? false
            for index in (sends[link] ?? []) + (receives[link] ?? []) { ends[index].isActivation = isActivation }
        }
    }

    /// Whether a message ends before the answer does; true if there is no answer, nil if there is no message. Of the
    /// first messages in both directions between two ranks, the earlier one is an activation.
    private func isFirst(_ message: Int?, before answer: Int?) -> Bool? {
        guard let message else { return nil }
        return answer.map { ends[message].interval.upperBound <= ends[$0].interval.upperBound } ?? true
    }

    /// The delay of each message: the time from its end at the sender to its end at the receiver, on their own clocks.
    var delays: [LinkDelay] {
        ends.compactMap { end in
            guard !end.isSend, let sent = end.counterpart else { return nil }
            return LinkDelay(link: end.link, time: end.interval.upperBound &- sent.upperBound)
        }
    }

    /// Returns the times at which each rank works and waits, with each rank's clock moved by its shift.
    func times(_ traces: [RankTrace], _ shifts: [Int64]) -> [PipelineRankTimes] {
        guard !isEmpty else { return [] }
        let stepEnd =
            zip(traces, shifts).compactMap { trace, shift in
                trace.timeline.extent.map { $0.upperBound &+ shift }
            }.max() ?? 0
        // The ends of messages, on the first rank's clock.
        let shiftsOfEnds = zip(traces, shifts).map { $1 &- $0.baseTime }
        let moved = ends.map { end in
            var end = end
            end.counterpart = end.counterpart?.moved(by: shiftsOfEnds[end.peer])
            end.interval = end.interval.moved(by: shiftsOfEnds[end.rank])
            return end
        }
        let endsOfRank = Dictionary(grouping: moved, by: \.rank)
        return traces.indices.map { rank in
            let busy = Self.busy(traces[rank], without: spans[rank], shift: shifts[rank])
            return Self.times(traces[rank], busy: busy, endsOfRank[rank] ?? [], stepEnd: stepEnd)
        }
    }

    private static func times(
        _ trace: RankTrace, busy: IntervalSet, _ ends: [End], stepEnd: Int64
    ) -> PipelineRankTimes {
        var times = PipelineRankTimes(rank: trace.rank)
        guard !ends.isEmpty else { return times }
        times.busy = busy
        var waiting: [Range<Int64>] = []
        var transfer: [Range<Int64>] = []
        for end in ends {
            guard let counterpart = end.counterpart else { continue }
            // A rank starts a send without waiting for its peer, so all of a send is transfer. Of a receive, the time
            // before the send started is waiting.
            let begun = end.isSend ? end.interval.lowerBound : counterpart.lowerBound
            let middle = min(max(begun, end.interval.lowerBound), end.interval.upperBound)
            waiting.append(end.interval.lowerBound..<middle)
            transfer.append(middle..<end.interval.upperBound)
        }
        if let last = times.busy.extent?.upperBound, last < stepEnd { waiting.append(last..<stepEnd) }
        times.waiting = IntervalSet(waiting)
        times.transfer = IntervalSet(transfer)
        // The steady phase starts with the first gradient received; on the last stage, with the first activation.
        let receives = ends.filter { !$0.isSend }
        let gradients = receives.filter { !$0.isActivation }.map(\.interval.upperBound)
        let arrivals = receives.map(\.interval.upperBound)
        times.steadyStart = gradients.min() ?? arrivals.min() ?? .max
        // The last forward ends when its activations are sent; on the last stage, when the last activations arrive.
        let sends = ends.filter { $0.isSend && $0.isActivation }.map(\.interval.lowerBound)
        times.drainStart = sends.max() ?? arrivals.max() ?? times.steadyStart
        return times
    }

    /// The times of a rank's work, without messages and waits.
    private static func busy(_ trace: RankTrace, without messages: Set<Int>, shift: Int64) -> IntervalSet {
        var busy: [Range<Int64>] = []
        for (index, span) in trace.timeline.spans.enumerated() where !messages.contains(index) {
            guard trace.kind(of: span).activity != .wait else { continue }
            busy.append(span.interval.moved(by: shift))
        }
        return IntervalSet(busy)
    }
}

extension Range<Int64> {
    /// The interval on a clock that is ahead by `shift`; empty if that is beyond 64 bits.
    func moved(by shift: Int64) -> Range<Int64> {
        let (lower, isBelow) = lowerBound.addingReportingOverflow(shift)
        let (upper, isAbove) = upperBound.addingReportingOverflow(shift)
        return isBelow || isAbove ? 0..<0 : lower..<upper
    }
}
