package import DistributedRuntime
import LibTorch
import MoEModels

extension CommunicationOrder {
    /// Checks that all members of the group of `ranks` start the same collectives in the same order.
    ///
    /// Every member must call it. If any two members differ, every member throws.
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
            let operation = position < names.count ? "'\(names[position])'" : "nothing"
            throw CommunicationOrderError(
                "rank \(ranks[group.rank]) starts \(operation) as collective number \(position) of a group, but rank "
                    + "\(ranks[other]) does not")
        }
    }

    /// Checks that both ends of every link of a pipeline agree on the transfers and on their order. On a backend
    /// without tags, only the order tells one value from another.
    ///
    /// Every rank of the pipeline must call it. If any two ranks differ, every rank throws.
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
                        "pipeline rank \(sender) sends other values than pipeline rank \(receiver) receives from it, "
                            + "or sends them in another order")
                }
            }
        }
    }

    /// Returns the channels that begin or end at rank `rank` of the pipeline.
    func channels(of rank: Int) -> Set<PipelineChannels.Channel> {
        let outgoing = sent.keys.map {
            PipelineChannels.Channel(sender: rank, receiver: $0.peer, carriesGradients: $0.isGradient)
        }
        let incoming = received.keys.map {
            PipelineChannels.Channel(sender: $0.peer, receiver: rank, carriesGradients: $0.isGradient)
        }
        return Set(outgoing + incoming)
    }
}

/// Two ranks would start collectives or transfers that do not match.
struct CommunicationOrderError: Error, CustomStringConvertible {
    let description: String

    /// - Parameter difference: The two ranks, and the operation in which they differ.
    init(_ difference: String) {
        description = difference + ": do all ranks run the same recipe and the same version?"
    }
}

/// Returns a fingerprint that is never negative, so that -1 can stand for a missing operation.
private func positive(_ values: some Sequence<UInt64>) -> Int { Int(fingerprint(values) >> 1) }
