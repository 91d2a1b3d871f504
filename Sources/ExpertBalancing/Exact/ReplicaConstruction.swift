/// Sets of added replicas that bring all ranks to a limit, made replica by replica.
///
/// A *source* is a rank above the limit, with its surplus and its experts. A *receiver* is a rank below the limit with a
/// free slot, with its room. A step sends a part of one expert from a source to a receiver, as much as the expert, the
/// surplus and the room allow. The number of steps is at least the larger of two sums: over sources, the replicas that
/// each needs; and sources plus receivers, less one per group of them that has no slack. A good step lowers both.
struct ReplicaConstruction: ~Copyable {
    struct Source {
        var rank: Int32
        var surplus: Int32
        /// The source's experts are the keys from `start`, with the largest number of tokens first.
        var start: Int32
        var count: Int32
        /// A lower bound on the replicas that the source must send.
        var need: Int32
        var sent: Int32
    }

    struct Receiver {
        var rank: Int32
        var room: Int32
        var slots: Int32
    }

    /// An added replica.
    struct Added {
        var expert: Int32
        var rank: Int32
    }

    private(set) var sourceCount = 0
    private(set) var receiverCount = 0
    private(set) var keyCount = 0
    /// The rooms of the receivers less the surpluses of the sources, at the start.
    private(set) var slack = 0

    // The state at the start and the state in construction.
    let startSources: ScratchBuffer<Source>
    let startReceivers: ScratchBuffer<Receiver>
    let startKeys: ScratchBuffer<UInt64>
    let sources: ScratchBuffer<Source>
    let receivers: ScratchBuffer<Receiver>
    let keys: ScratchBuffer<UInt64>
    private let sourceOfRank: ScratchBuffer<Int32>

    /// The receivers that steps choose from.
    let candidates: ScratchBuffer<Int32>
    var candidateCount = 0
    // The sources by surplus and the receivers by room, ascending, while groups are finished.
    let sourceOrder: ScratchBuffer<Int32>
    let receiverOrder: ScratchBuffer<Int32>
    let rooms: ScratchBuffer<Int32>
    var openSources = 0
    var openReceivers = 0

    /// The replicas of the present construction.
    let added: ScratchBuffer<Added>
    var addedCount = 0
    /// The tokens that remain above the limit in the present construction.
    var unmet: Int32 = 0
    /// The room that may stay unused in the present construction.
    var spare = 0
    /// The sum of the needs of the sources in the present construction.
    var needs: Int32 = 0
    /// The sources with surplus and the receivers with room in the present construction.
    var openCount: Int32 = 0

    init(experts: Int, ranks: Int, replicas: Int) {
        startSources = ScratchBuffer(ranks)
        startReceivers = ScratchBuffer(ranks)
        startKeys = ScratchBuffer(experts + replicas)
        sources = ScratchBuffer(ranks)
        receivers = ScratchBuffer(ranks)
        keys = ScratchBuffer(experts + replicas)
        sourceOfRank = ScratchBuffer(ranks)
        candidates = ScratchBuffer(ranks)
        sourceOrder = ScratchBuffer(ranks)
        receiverOrder = ScratchBuffer(ranks)
        rooms = ScratchBuffer(ranks)
        added = ScratchBuffer(replicas)
    }

    /// The tokens of a key.
    @inline(__always) static func tokens(_ key: UInt64) -> Int32 { Int32(truncatingIfNeeded: ~(key >> 32)) }

    /// The expert of a key.
    @inline(__always) static func expert(_ key: UInt64) -> Int32 { Int32(truncatingIfNeeded: key) }

    /// Returns the key of an expert. Keys ascend as tokens descend, and then with the expert.
    @inline(__always) static func key(_ tokens: Int32, _ expert: Int32) -> UInt64 {
        UInt64(~UInt32(bitPattern: tokens)) << 32 | UInt64(UInt32(bitPattern: expert))
    }

    /// Collects the sources and receivers of a network. O(experts + ranks), plus the sorting of the sources' experts.
    mutating func prepare(_ network: borrowing TokenNetwork, _ limit: Int32) {
        sourceCount = 0
        receiverCount = 0
        slack = 0
        for rank in 0..<network.rankCount {
            let surplus = network.ranks[rank].tokens - limit
            sourceOfRank[rank] = -1
            let index = Int32(truncatingIfNeeded: rank)
            if surplus > 0 {
                sourceOfRank[rank] = Int32(truncatingIfNeeded: sourceCount)
                startSources[sourceCount] = Source(rank: index, surplus: surplus, start: 0, count: 0, need: 0, sent: 0)
                sourceCount += 1
                slack -= Int(surplus)
            } else if surplus < 0, network.ranks[rank].freeSlots > 0 {
                startReceivers[receiverCount] = Receiver(
                    rank: index, room: -surplus, slots: network.ranks[rank].freeSlots)
                receiverCount += 1
                slack -= Int(surplus)
            }
        }
        collectKeys(network)
        // Receivers descend by room, so that the largest come first.
        for position in stride(from: 1, to: receiverCount, by: 1) {
            let receiver = startReceivers[position]
            var hole = position
            while hole > 0, startReceivers[hole - 1].room < receiver.room {
                startReceivers[hole] = startReceivers[hole - 1]
                hole -= 1
            }
            startReceivers[hole] = receiver
        }
        for source in 0..<sourceCount { startSources[source].need = need(of: startSources[source], startKeys).count }
    }

    /// Lists the experts of each source, the largest number of tokens first.
    private mutating func collectKeys(_ network: borrowing TokenNetwork) {
        for expert in 0..<network.expertCount where network.experts[expert].kept > 0 {
            let source = sourceOfRank[Int(network.experts[expert].owner)]
            if source >= 0 { startSources[Int(source)].count += 1 }
        }
        for replica in 0..<network.replicaEnd where network.replicas[replica].tokens > 0 {
            let source = sourceOfRank[Int(network.replicas[replica].rank)]
            if source >= 0 { startSources[Int(source)].count += 1 }
        }
        var start: Int32 = 0
        for source in 0..<sourceCount {
            startSources[source].start = start
            start += startSources[source].count
            startSources[source].count = 0
        }
        keyCount = Int(start)
        for expert in 0..<network.expertCount where network.experts[expert].kept > 0 {
            let source = sourceOfRank[Int(network.experts[expert].owner)]
            if source >= 0 { append(network.experts[expert].kept, Int32(truncatingIfNeeded: expert), to: Int(source)) }
        }
        for replica in 0..<network.replicaEnd where network.replicas[replica].tokens > 0 {
            let source = sourceOfRank[Int(network.replicas[replica].rank)]
            if source >= 0 {
                append(network.replicas[replica].tokens, network.replicas[replica].expert, to: Int(source))
            }
        }
        for source in 0..<sourceCount {
            let start = Int(startSources[source].start)
            let count = Int(startSources[source].count)
            UInt64Sorting.sortByUpperHalf(
                UnsafeMutableBufferPointer(rebasing: startKeys.elements[start..<start + count]),
                UnsafeMutableBufferPointer(rebasing: keys.elements[start..<start + count]), count)
        }
    }

    @inline(__always) private func append(_ tokens: Int32, _ expert: Int32, to source: Int) {
        startKeys[Int(startSources[source].start + startSources[source].count)] = Self.key(tokens, expert)
        startSources[source].count += 1
    }

    /// The fewest experts whose tokens cover a source's surplus.
    struct Need {
        /// The number of experts.
        var count: Int32
        /// The tokens of these experts.
        var sum: Int32
        /// The tokens of the last of these experts, and of the last but one.
        var last: Int32
        var lastButOne: Int32
    }

    @inline(__always) func need(of source: Source, _ keys: borrowing ScratchBuffer<UInt64>) -> Need {
        var need = Need(count: 0, sum: 0, last: 0, lastButOne: 0)
        while need.sum < source.surplus, need.count < source.count {
            need.lastButOne = need.last
            need.last = Self.tokens(keys[Int(source.start + need.count)])
            need.sum += need.last
            need.count += 1
        }
        return need
    }
}
