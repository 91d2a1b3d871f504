/// The peers of messages, as indices of the traces of a run.
struct MessagePeers {
    /// The other end of a message.
    enum Peer {
        /// The index of the rank's trace.
        case trace(Int)
        /// The rank is known, and has no trace.
        case withoutTrace
        /// The trace does not tell the rank.
        case unknown
    }

    private let ranks: [Int]
    private let indices: [Int: Int]
    /// The index of the trace that gives itself a number in its launching ranges; nil if the numbers are ambiguous, as
    /// in several groups whose ranks all count from 0.
    private let indexOfNumber: [Int: Int]?

    init(_ traces: [RankTrace], _ launched: [LaunchedMessages]) {
        ranks = traces.map(\.rank)
        indices = Dictionary(zip(ranks, ranks.indices), uniquingKeysWith: { first, _ in first })
        let numbers = launched.map { Set($0.messages.values.joined().compactMap(\.own)) }
        let owners = Dictionary(grouping: numbers.indices.flatMap { index in numbers[index].map { ($0, index) } }) {
            $0.0
        }
        let isAmbiguous = numbers.contains { $0.count > 1 } || owners.values.contains { $0.count > 1 }
        indexOfNumber = isAmbiguous ? nil : owners.compactMapValues { $0.first?.1 }
    }

    /// Returns the peer of a message that its kernel names, at the rank with index `rank`.
    func peer(of message: Collective, rank: Int) -> Peer {
        if let peer = message.peer { return found(peer) }
        // In a group of two ranks, the peer is the other rank.
        let group = message.groupRanks.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
        guard group.count == 2, let other = group.first(where: { $0 != ranks[rank] }), group.contains(ranks[rank])
        else {
            return .unknown
        }
        return found(other)
    }

    /// Returns the peer of a message that the host launched at the rank with index `rank`.
    func peer(of message: LaunchedMessage, rank: Int) -> Peer {
        switch message {
        case .call(let message): peer(of: message, rank: rank)
        case .range(let message): peer(of: message, rank: rank)
        }
    }

    /// Returns the peer of a message that its launching range names. If the range names none, the peer of one of two
    /// ranks is the other one.
    private func peer(of message: MessageRange, rank: Int) -> Peer {
        guard let peer = message.peer else { return ranks.count == 2 ? .trace(1 - rank) : .unknown }
        guard let indexOfNumber else { return .unknown }
        return indexOfNumber[peer].map(Peer.trace) ?? .withoutTrace
    }

    private func found(_ rank: Int) -> Peer { indices[rank].map(Peer.trace) ?? .withoutTrace }
}
