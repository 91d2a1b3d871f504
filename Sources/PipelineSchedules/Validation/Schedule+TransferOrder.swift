extension Schedule {
    /// Checks that both ends of every link list its transfers in the same order.
    ///
    /// Backends without tags match the n-th send to the n-th receive, so a swapped pair would deliver the wrong value
    /// without an error.
    func checkTransferOrder(_ layout: StageLayout) throws(ScheduleError) {
        struct Link: Hashable {
            let sender: Int
            let receiver: Int
        }
        var sent: [Link: [Action]] = [:]
        for action in rows.lazy.joined().compactMap(\.first) where action.kind.isSend {
            let peer = layout.ranks[layout.peerStage(of: action)]
            sent[Link(sender: layout.ranks[action.stage], receiver: peer), default: []].append(action)
        }
        var counts: [Link: Int] = [:]
        for (rank, row) in rows.enumerated() {
            for (position, step) in row.enumerated() {
                guard let received = step.first, received.kind.isTransfer, !received.kind.isSend else { continue }
                let awaited = layout.counterpart(of: received)
                let link = Link(sender: layout.ranks[awaited.stage], receiver: rank)
                let index = counts[link, default: 0]
                counts[link] = index + 1
                // Completeness has been checked: each link has as many sends as receives.
                if let action = sent[link]?[index], action != awaited {
                    throw ScheduleError(
                        .transferOrder(sent: action, received: received, sender: link.sender, receiver: rank),
                        rank: rank, position: position)
                }
            }
        }
    }
}
