/// A lower bound on the number of added replicas that bring all ranks to a limit, for a layer without static replicas.
///
/// Two sums bound the number.
///
/// - Each source sends at least as many replicas as it has experts that cover its surplus, the largest first, and as
///   there are receivers that cover its surplus, those with the most room first. These numbers add up, also if tokens
///   pass over ranks between a source and a receiver.
/// - Ranks joined by added replicas form groups, and a group of n ranks has at least n - 1 replicas. The surpluses of a
///   group fit into its rooms with at most the slack of the whole layer to spare. A rank whose least group has n ranks
///   adds at most 1/n to the number of groups.
struct ReplicaBound: ~Copyable {
    /// The least group of each source and of each receiver that may be needed, in twelfths of a group.
    private let sourceParts: ScratchBuffer<Int32>
    private let receiverParts: ScratchBuffer<Int32>
    /// The sources by surplus, ascending.
    private let surpluses: ScratchBuffer<Int32>
    /// The receivers by room, ascending.
    private let rooms: ScratchBuffer<Int32>

    /// The class of each rank, and the experts of a class with the largest first, in layers with static replicas.
    let classes: ScratchBuffer<Int32>
    let keys: ScratchBuffer<UInt64>
    let spare: ScratchBuffer<UInt64>

    init(experts: Int, ranks: Int) {
        classes = ScratchBuffer(ranks)
        keys = ScratchBuffer(experts)
        spare = ScratchBuffer(experts)
        sourceParts = ScratchBuffer(ranks)
        receiverParts = ScratchBuffer(ranks)
        surpluses = ScratchBuffer(ranks)
        rooms = ScratchBuffer(ranks)
    }

    /// Returns the bound for the sources and receivers at the start of a construction, and the largest number of
    /// replicas that one source must send.
    func count(_ construction: borrowing ReplicaConstruction) -> (replicas: Int, sent: Int) {
        var replicas = 0
        var sent = 0
        for source in 0..<construction.sourceCount {
            let surplus = construction.startSources[source].surplus
            let need = max(
                Int(construction.startSources[source].need), receiversCovering(Int(surplus), construction))
            replicas += need
            sent = max(sent, need)
        }
        return (max(replicas, byGroups(construction)), sent)
    }

    /// The number of receivers with the most room that cover a number of tokens.
    private func receiversCovering(_ tokens: Int, _ construction: borrowing ReplicaConstruction) -> Int {
        var sum = 0
        var count = 0
        while sum < tokens, count < construction.receiverCount {
            sum += Int(construction.startReceivers[count].room)
            count += 1
        }
        return count
    }

    private func byGroups(_ construction: borrowing ReplicaConstruction) -> Int {
        let sources = construction.sourceCount
        let receivers = construction.receiverCount
        guard sources > 0, construction.slack >= 0 else { return 0 }
        var total = 0
        for source in 0..<sources {
            let surplus = construction.startSources[source].surplus
            total += Int(surplus)
            var hole = source
            while hole > 0, surpluses[hole - 1] > surplus {
                surpluses[hole] = surpluses[hole - 1]
                hole -= 1
            }
            surpluses[hole] = surplus
        }
        for receiver in 0..<receivers {
            rooms[receivers - 1 - receiver] = construction.startReceivers[receiver].room
        }
        let needed = receiversCovering(total, construction)
        markGroups(sources, receivers, construction.slack)
        var twelfths = 0
        for source in 0..<sources { twelfths += 12 - Int(sourceParts[source]) }
        // The receivers that may be left out are those that raise the bound most.
        var counts = (pairs: 0, triples: 0)
        for receiver in 0..<receivers {
            if receiverParts[receiver] == 6 { counts.pairs += 1 }
            if receiverParts[receiver] == 4 { counts.triples += 1 }
        }
        let pairs = min(needed, counts.pairs)
        let triples = min(needed - pairs, counts.triples)
        twelfths += pairs * 6 + triples * 8 + (needed - pairs - triples) * 9
        return max(needed, (twelfths + 11) / 12)
    }

    /// Finds the least group of each rank: two, three, or at least four ranks.
    private func markGroups(_ sources: Int, _ receivers: Int, _ slack: Int) {
        for source in 0..<sources { sourceParts[source] = 3 }
        for receiver in 0..<receivers { receiverParts[receiver] = 3 }
        for source in 0..<sources {
            markSums(of: rooms, receiverParts, receivers, Int(surpluses[source]), slack, &sourceParts[source])
        }
        for receiver in 0..<receivers {
            let room = Int(rooms[receiver])
            markSums(of: surpluses, sourceParts, sources, room - slack, slack, &receiverParts[receiver])
        }
        for source in 0..<sources {
            for receiver in 0..<receivers {
                let spare = Int(rooms[receiver] - surpluses[source])
                if spare >= 0, spare <= slack {
                    sourceParts[source] = 6
                    receiverParts[receiver] = 6
                }
            }
        }
    }

    /// Marks the values, ascending, of which two have a sum from `least` to `least + slack`, and the rank opposite.
    private func markSums(
        of values: borrowing ScratchBuffer<Int32>, _ parts: borrowing ScratchBuffer<Int32>, _ count: Int, _ least: Int,
        _ slack: Int, _ opposite: inout Int32
    ) {
        // The first partner whose sum is at least `least` descends as the value ascends.
        var partner = count
        for position in 0..<count {
            while partner > 0, Int(values[partner - 1]) + Int(values[position]) >= least { partner -= 1 }
            let first = partner == position ? partner + 1 : partner
            guard first < count, Int(values[first]) + Int(values[position]) <= least + slack else { continue }
            parts[position] = 4
            parts[first] = 4
            opposite = 4
        }
    }
}
