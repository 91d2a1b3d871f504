import Timelines

/// The messages between the ranks of a pipeline, from the kernels that send and receive.
///
/// The k-th message that a rank sends to another is the k-th that the other receives from it. Of two ranks, the one
/// that sends first is the earlier stage: it sends activations and receives gradients.
struct PipelineMessages {
    /// One end of a message.
    private struct End {
        /// The index of the rank.
        var rank: Int
        /// The index of the rank at the other end.
        var peer: Int
        var isSend: Bool
        /// The interval of the kernel, in nanoseconds on the rank's own clock.
        var interval: Range<Int64>
        /// The interval of the kernel at the other end, on that rank's clock; nil if it was not found.
        var counterpart: Range<Int64>?
        var isActivation = false

        var link: RankLink { isSend ? RankLink(from: rank, to: peer) : RankLink(from: peer, to: rank) }
    }

    private var ends: [End] = []

    init(_ traces: [RankTrace]) {
        let indices = Dictionary(traces.enumerated().map { ($1.rank, $0) }, uniquingKeysWith: { first, _ in first })
        for (rank, trace) in traces.enumerated() {
            let peers = trace.collectives.map { Self.peer($0, rank: trace.rank).flatMap { indices[$0] } }
            guard peers.contains(where: { $0 != nil }) else { continue }
            for (span, collective) in zip(trace.timeline.spans, trace.collectiveOfSpan) where collective >= 0 {
                guard let peer = peers[Int(collective)], peer != rank else { continue }
                let (start, overflow) = span.start.addingReportingOverflow(trace.baseTime)
                guard !overflow, start.magnitude < 1 << 61 else { continue }
                ends.append(
                    End(
                        rank: rank, peer: peer, isSend: trace.collectives[Int(collective)].isSend,
                        interval: start..<start + span.duration))
            }
        }
        ends.sort { ($0.interval.lowerBound, $0.rank, $0.peer) < ($1.interval.lowerBound, $1.rank, $1.peer) }
        match()
    }

    /// Whether no message has two known ends.
    var isEmpty: Bool { !ends.contains { $0.counterpart != nil } }

    /// The rank at the other end of a message of `rank`; nil for a collective, or if the trace does not say.
    private static func peer(_ collective: Collective, rank: Int) -> Int? {
        guard collective.isSend || collective.isReceive else { return nil }
        if let peer = collective.peer { return peer }
        // In a group of two ranks, the peer is the other rank.
        let ranks = collective.groupRanks.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
        return ranks.count == 2 && ranks.contains(rank) ? ranks.first { $0 != rank } : nil
    }

    /// Links the two ends of each message and classifies each message as an activation or a gradient.
    private mutating func match() {
        let sends = Dictionary(grouping: ends.indices.filter { ends[$0].isSend }) { ends[$0].link }
        let receives = Dictionary(grouping: ends.indices.filter { !ends[$0].isSend }) { ends[$0].link }
        for (link, sent) in sends {
            guard let received = receives[link], received.count == sent.count else { continue }
            for (send, receive) in zip(sent, received) {
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
        return traces.indices.map { Self.times(traces[$0], shift: shifts[$0], endsOfRank[$0] ?? [], stepEnd: stepEnd) }
    }

    private static func times(_ trace: RankTrace, shift: Int64, _ ends: [End], stepEnd: Int64) -> PipelineRankTimes {
        var times = PipelineRankTimes(rank: trace.rank)
        guard !ends.isEmpty else { return times }
        times.busy = busy(trace, shift: shift)
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
    private static func busy(_ trace: RankTrace, shift: Int64) -> IntervalSet {
        let isMessage = trace.collectives.map { $0.isSend || $0.isReceive }
        var busy: [Range<Int64>] = []
        for (span, collective) in zip(trace.timeline.spans, trace.collectiveOfSpan) {
            if collective >= 0, isMessage[Int(collective)] { continue }
            guard trace.kind(of: span).activity != .wait else { continue }
            busy.append(span.interval.moved(by: shift))
        }
        return IntervalSet(busy)
    }
}

extension Range<Int64> {
    /// The interval on a clock that is ahead by `shift`.
    func moved(by shift: Int64) -> Range<Int64> { lowerBound &+ shift..<upperBound &+ shift }
}
