package import DistributedRuntime
import LibTorch
import MoEModels

extension CommunicationOrder {
    /// Proves that all members of the group of `ranks` have the same collectives in the same order.
    ///
    /// Every member calls it, and every member throws where one differs.
    package func checkCollectives(of ranks: [Int], in group: ProcessGroup) throws {
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
            let operation = position < names.count ? names[position] : "nothing more"
            throw CommunicationOrderError(
                "rank \(ranks[group.rank]) has '\(operation)' as number \(position) of a group's collectives, rank "
                    + "\(ranks[other]) something else")
        }
    }

    /// Proves that both ends of every link of a pipeline agree on what travels, and in which order: where a backend has no
    /// tags, nothing else tells one value from another.
    ///
    /// Every rank of the pipeline calls it, and every one throws where two differ.
    func checkLinks(of group: ProcessGroup) throws {
        let size = group.size
        func summary(_ tags: [RankProgram.Direction: [Int]]) -> [Int] {
            [false, true].flatMap { isGradient in
                (0..<size).map { peer in
                    positive((tags[RankProgram.Direction(peer: peer, isGradient: isGradient)] ?? []).map(UInt64.init))
                }
            }
        }
        let all = try group.allGather(summary(sent) + summary(received))
        for kind in 0..<2 {
            for sender in 0..<size {
                for receiver in 0..<size
                where all[sender][kind * size + receiver] != all[receiver][(2 + kind) * size + sender] {
                    throw CommunicationOrderError(
                        "what pipeline rank \(sender) sends is not what pipeline rank \(receiver) receives")
                }
            }
        }
    }

    /// The ways that values go from and to rank `rank` of the pipeline.
    func channels(of rank: Int) -> Set<PipelineChannels.Channel> {
        let away = sent.keys.map {
            PipelineChannels.Channel(sender: rank, receiver: $0.peer, carriesGradients: $0.isGradient)
        }
        let here = received.keys.map {
            PipelineChannels.Channel(sender: $0.peer, receiver: rank, carriesGradients: $0.isGradient)
        }
        return Set(away + here)
    }
}

/// Ranks would say different things to each other.
struct CommunicationOrderError: Error, CustomStringConvertible {
    let description: String

    /// - Parameter difference: Who says what.
    init(_ difference: String) {
        description = difference + ": do all ranks run the same recipe and the same version?"
    }
}

/// Never negative, so that -1 stands for no operation.
private func positive(_ values: some Sequence<UInt64>) -> Int { Int(fingerprint(values) >> 1) }
