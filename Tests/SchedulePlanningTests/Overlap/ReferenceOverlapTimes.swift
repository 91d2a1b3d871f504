import SchedulePlanning

/// The times of a plan as the longest paths through a graph of dependencies, independent of the simulation.
struct ReferenceOverlapTimes {
    private struct Node {
        var cost: Int64
        var follows: [Int]
    }

    private(set) var makespan: Int64 = 0
    private(set) var forwardEnd: Int64 = 0
    private(set) var backwardEnd: Int64 = 0
    /// The time for which the host ran segments, without waits.
    private(set) var busy: Int64 = 0

    init(_ plan: OverlapPlan, of problem: OverlapProblem) {
        var nodes: [Node] = []
        var (lastHost, lastChannel): (Int?, Int?)
        var channelNodes: [OverlapPlan.Pass: [Int: Int]] = [:]
        var lastOf: [OverlapPlan.Pass: Int] = [:]
        var positions: [OverlapPlan.Pass: Int] = [:]
        let sequences: [OverlapPlan.Pass: SegmentSequence] = [.forward: problem.forward, .backward: problem.backward]
        for pass in plan.order {
            let position = positions[pass, default: 0]
            positions[pass] = position + 1
            let segment = sequences[pass]?.segments[position]
            let isExchange = segment?.resource == .channel
            let awaited = (segment?.reads ?? []).compactMap { channelNodes[pass]?[$0] }
            let host = isExchange ? segment?.startCost : segment?.cost ?? problem.weights[position].cost
            busy += host ?? 0
            nodes.append(Node(cost: host ?? 0, follows: awaited + (lastHost.map { [$0] } ?? [])))
            lastHost = nodes.count - 1
            lastOf[pass] = lastHost
            guard let segment, isExchange else { continue }
            nodes.append(Node(cost: segment.cost, follows: [nodes.count - 1] + (lastChannel.map { [$0] } ?? [])))
            lastChannel = nodes.count - 1
            channelNodes[pass, default: [:]][position] = nodes.count - 1
        }
        var ends: [Int64] = []
        for node in nodes { ends.append((node.follows.map { ends[$0] }.max() ?? 0) + node.cost) }
        func end(_ pass: OverlapPlan.Pass) -> Int64 {
            let results = (sequences[pass]?.resultReads ?? []).compactMap { channelNodes[pass]?[$0] }
            return (results + [lastOf[pass]].compactMap { $0 }).map { ends[$0] }.max() ?? 0
        }
        forwardEnd = end(.forward)
        backwardEnd = end(.backward)
        makespan = max(lastHost.map { ends[$0] } ?? 0, forwardEnd, backwardEnd)
    }
}
