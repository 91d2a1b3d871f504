package import DistributedRuntime
package import LibTorch
package import MoEModels

extension CommunicationOrder {
    /// Proves that all members of the group of `ranks` have the same collectives in the same order.
    ///
    /// Every member calls it, and every member throws where one differs.
    package func checkCollectives(of ranks: [Int], in group: any ProcessGroup) throws {
        let names = collectives[ranks] ?? []
        let own = names.map { positive($0.utf8.lazy.map(UInt64.init)) }
        let summaries = try group.allGather([positive(own.lazy.map(UInt64.init)), own.count])
        guard summaries.contains(where: { $0 != summaries[0] }) else { return }
        let length = summaries.map { $0[1] }.max() ?? 0
        let all = try group.allGather(own + Array(repeating: -1, count: length - own.count))
        for position in 0..<length {
            guard let other = ranks.indices.first(where: { all[$0][position] != all[group.rank][position] }) else {
                continue
            }
            throw CommunicationOrderError(
                rank: ranks[group.rank], other: ranks[other], position: position,
                operation: position < names.count ? names[position] : "nothing more")
        }
    }

    /// Proves that both ends of every link of a pipeline agree on what travels, and in which order: where a backend has no
    /// tags, nothing else tells one value from another.
    ///
    /// Every rank of the pipeline calls it, and every one throws where two differ.
    func checkLinks(of group: any ProcessGroup) throws {
        let size = group.size
        func summary(_ tags: [Direction: [Int]]) -> [Int] {
            [false, true].flatMap { carriesGradients in
                (0..<size).map { peer in
                    positive(
                        (tags[Direction(peer: peer, carriesGradients: carriesGradients)] ?? []).lazy.map(UInt64.init))
                }
            }
        }
        let all = try group.allGather(summary(sent) + summary(received))
        for kind in 0..<2 {
            for sender in 0..<size {
                for receiver in 0..<size
                where all[sender][kind * size + receiver] != all[receiver][(2 + kind) * size + sender] {
                    throw CommunicationLinkError(sender: sender, receiver: receiver)
                }
            }
        }
    }

    /// The ways that values go from and to rank `rank` of the pipeline.
    func channels(of rank: Int) -> Set<PipelineChannels.Channel> {
        let away = sent.keys.map {
            PipelineChannels.Channel(sender: rank, receiver: $0.peer, carriesGradients: $0.carriesGradients)
        }
        let here = received.keys.map {
            PipelineChannels.Channel(sender: $0.peer, receiver: rank, carriesGradients: $0.carriesGradients)
        }
        return Set(away + here)
    }
}

/// Two members of a group would start different collectives.
struct CommunicationOrderError: Error, CustomStringConvertible {
    let rank: Int
    let other: Int
    let position: Int
    let operation: String

    var description: String {
        "rank \(rank) has '\(operation)' as number \(position) of a group's collectives, rank \(other) something else: "
            + "do all ranks run the same recipe and the same version?"
    }
}

/// One end of a link would send what the other does not receive.
struct CommunicationLinkError: Error, CustomStringConvertible {
    let sender: Int
    let receiver: Int

    var description: String {
        "what pipeline rank \(sender) sends is not what pipeline rank \(receiver) receives: do all ranks run the same "
            + "recipe and the same version?"
    }
}

/// Never negative, so that -1 stands for no operation.
private func positive(_ values: some Sequence<UInt64>) -> Int { Int(fingerprint(values) >> 1) }
