import Timelines

/// What the ranks of a pipeline send one another, by the kernels that send and receive.
///
/// The k-th that a rank sends to another is the k-th that the other receives from it. Whichever of two ranks is first to
/// send is the earlier stage: what it sends are activations, and what comes back are gradients.
struct PipelineMessages {
    /// One end of a message.
    private struct End {
        var place: Int
        var peer: Int
        var isSend: Bool
        /// In nanoseconds on the rank's own clock.
        var interval: Range<Int64>
        /// Its counterpart, on that one's clock; nil where it was not found.
        var counterpart: Range<Int64>?
        var isActivation = false
    }

    private var ends: [End] = []

    init(_ traces: [RankTrace]) {
        let places = Dictionary(traces.enumerated().map { ($1.rank, $0) }, uniquingKeysWith: { first, _ in first })
        for (place, trace) in traces.enumerated() {
            let peers = trace.collectives.map { Self.peer($0, rank: trace.rank) }
            guard peers.contains(where: { $0 != nil }) else { continue }
            for (index, span) in trace.timeline.spans.enumerated() {
                let collective = Int(trace.collectiveOfSpan[index])
                guard collective >= 0, let peer = peers[collective] else { continue }
                let (start, overflow) = span.start.addingReportingOverflow(trace.baseTime)
                guard !overflow, start.magnitude < 1 << 61, let other = places[peer], other != place else { continue }
                ends.append(
                    End(
                        place: place, peer: other, isSend: trace.collectives[collective].isSend,
                        interval: start..<start + span.duration))
            }
        }
        ends.sort { ($0.interval.lowerBound, $0.place, $0.peer) < ($1.interval.lowerBound, $1.place, $1.peer) }
        match()
    }

    /// Whether there is any message whose two ends are there.
    var isEmpty: Bool { !ends.contains { $0.counterpart != nil } }

    private static func peer(_ collective: Collective, rank: Int) -> Int? {
        guard collective.isSend || collective.isReceive else { return nil }
        if let peer = collective.peer { return peer }
        // A group of two says who the other one is.
        let ranks = collective.groupRanks.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
        return ranks.count == 2 && ranks.contains(rank) ? ranks.first { $0 != rank } : nil
    }

    private mutating func match() {
        struct Direction: Hashable {
            var from: Int
            var to: Int
        }
        var sends: [Direction: [Int]] = [:]
        var receives: [Direction: [Int]] = [:]
        for (index, end) in ends.enumerated() {
            if end.isSend {
                sends[Direction(from: end.place, to: end.peer), default: []].append(index)
            } else {
                receives[Direction(from: end.peer, to: end.place), default: []].append(index)
            }
        }
        for (direction, sent) in sends {
            guard let received = receives[direction], received.count == sent.count else { continue }
            for (send, receive) in zip(sent, received) {
                ends[send].counterpart = ends[receive].interval
                ends[receive].counterpart = ends[send].interval
            }
        }
        // Of two ranks' first messages to each other, the one that is over first are activations. Both are looked at on one
        // rank, so that clocks do not matter.
        func isFirst(_ message: Int?, _ answer: Int?) -> Bool? {
            guard let message else { return nil }
            return answer.map { ends[message].interval.upperBound <= ends[$0].interval.upperBound } ?? true
        }
        for direction in Set(sends.keys).union(receives.keys) {
            let back = Direction(from: direction.to, to: direction.from)
            let isActivation =
                isFirst(sends[direction]?.first, receives[back]?.first) ?? isFirst(
                    receives[direction]?.first, sends[back]?.first)
                ?? false
            for index in (sends[direction] ?? []) + (receives[direction] ?? []) {
                ends[index].isActivation = isActivation
            }
        }
    }

    /// How much later each message seemed to be over at the receiver than at the sender.
    var delays: [LinkDelay] {
        ends.compactMap { end in
            guard !end.isSend, let sent = end.counterpart else { return nil }
            return LinkDelay(from: end.peer, to: end.place, time: end.interval.upperBound &- sent.upperBound)
        }
    }

    /// When each rank works and what it waits for, with each rank's clock moved by its shift.
    func times(_ traces: [RankTrace], _ shifts: [Int64]) -> [PipelineRankTimes] {
        guard !isEmpty else { return [] }
        let extents = traces.enumerated().compactMap { place, trace in
            trace.timeline.extent.map { $0.lowerBound &+ shifts[place]..<$0.upperBound &+ shifts[place] }
        }
        let end = extents.map(\.upperBound).max() ?? 0
        let ends = Dictionary(grouping: ends, by: \.place)
        return traces.indices.map { times(traces, $0, shifts, ends[$0] ?? [], stepEnd: end) }
    }

    private func times(
        _ traces: [RankTrace], _ place: Int, _ shifts: [Int64], _ own: [End], stepEnd: Int64
    ) -> PipelineRankTimes {
        let trace = traces[place]
        var times = PipelineRankTimes(rank: trace.rank)
        guard !own.isEmpty else { return times }
        func moved(_ interval: Range<Int64>, _ place: Int) -> Range<Int64> {
            let shift = shifts[place] &- traces[place].baseTime
            return interval.lowerBound &+ shift..<interval.upperBound &+ shift
        }
        let isMessage = trace.collectives.map { $0.isSend || $0.isReceive }
        var busy: [Range<Int64>] = []
        for (index, span) in trace.timeline.spans.enumerated() {
            let collective = Int(trace.collectiveOfSpan[index])
            if collective >= 0, isMessage[collective] { continue }
            guard trace.kind(of: span).activity != .wait else { continue }
            busy.append(span.interval.lowerBound &+ shifts[place]..<span.interval.upperBound &+ shifts[place])
        }
        times.busy = IntervalSet(busy)
        var waiting: [Range<Int64>] = []
        var transfer: [Range<Int64>] = []
        for end in own {
            let interval = moved(end.interval, place)
            guard let counterpart = end.counterpart else { continue }
            // Nobody waits for what it sends itself: a send explains only what nothing else does.
            let begun = end.isSend ? interval.lowerBound : moved(counterpart, end.peer).lowerBound
            let middle = min(max(begun, interval.lowerBound), interval.upperBound)
            waiting.append(interval.lowerBound..<middle)
            transfer.append(middle..<interval.upperBound)
        }
        if let last = times.busy.extent?.upperBound, last < stepEnd { waiting.append(last..<stepEnd) }
        times.waiting = IntervalSet(waiting)
        times.transfer = IntervalSet(transfer)
        // The way back begins with the first gradient that arrives; the last stage turns round with its first activation.
        func ends(_ isWanted: (End) -> Bool) -> [Int64] {
            own.filter { !$0.isSend && isWanted($0) }.map { moved($0.interval, place).upperBound }
        }
        let arrivals = ends { _ in true }
        times.steadyStart = ends { !$0.isActivation }.min() ?? arrivals.min() ?? .max
        // The last forward is over when its activations leave, or on the last stage when the last have arrived.
        let sends = own.filter { $0.isSend && $0.isActivation }.map { moved($0.interval, place).lowerBound }
        times.drainStart = sends.max() ?? arrivals.max() ?? times.steadyStart
        return times
    }
}
