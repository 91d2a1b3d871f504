import SchedulePlanning

/// The times of a weave as longest paths through what has to follow what; written apart from the simulation.
struct ReferenceWeaveTimes {
    private struct Node {
        var cost: Int64
        var follows: [Int]
    }

    private(set) var makespan: Int64 = 0
    private(set) var forwardEnd: Int64 = 0
    private(set) var backwardEnd: Int64 = 0
    /// What the host did, without waits.
    private(set) var busy: Int64 = 0

    init(_ weave: Weave, of problem: WeaveProblem) {
        var nodes: [Node] = []
        var (lastHost, lastChannel): (Int?, Int?)
        var channelNodes: [Weave.Turn: [Int: Int]] = [:]
        var lastOf: [Weave.Turn: Int] = [:]
        var positions: [Weave.Turn: Int] = [:]
        let sequences: [Weave.Turn: WeaveSequence] = [.forward: problem.forward, .backward: problem.backward]
        for turn in weave.turns {
            let position = positions[turn, default: 0]
            positions[turn] = position + 1
            let part = sequences[turn]?.parts[position]
            let isExchange = part?.resource == .channel
            let awaited = (part?.reads ?? []).compactMap { channelNodes[turn]?[$0] }
            let host = isExchange ? part?.startCost : part?.cost ?? problem.weights[position].cost
            busy += host ?? 0
            nodes.append(Node(cost: host ?? 0, follows: awaited + (lastHost.map { [$0] } ?? [])))
            lastHost = nodes.count - 1
            lastOf[turn] = lastHost
            guard let part, isExchange else { continue }
            nodes.append(Node(cost: part.cost, follows: [nodes.count - 1] + (lastChannel.map { [$0] } ?? [])))
            lastChannel = nodes.count - 1
            channelNodes[turn, default: [:]][position] = nodes.count - 1
        }
        var ends: [Int64] = []
        for node in nodes { ends.append((node.follows.map { ends[$0] }.max() ?? 0) + node.cost) }
        func end(_ turn: Weave.Turn) -> Int64 {
            let results = (sequences[turn]?.resultReads ?? []).compactMap { channelNodes[turn]?[$0] }
            return (results + [lastOf[turn]].compactMap { $0 }).map { ends[$0] }.max() ?? 0
        }
        forwardEnd = end(.forward)
        backwardEnd = end(.backward)
        makespan = max(lastHost.map { ends[$0] } ?? 0, forwardEnd, backwardEnd)
    }
}
