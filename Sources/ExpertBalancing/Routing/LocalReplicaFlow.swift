/// A flow of tokens from pairs of a node and an expert to the devices that hold the expert.
struct LocalReplicaFlow {
    private struct Edge {
        let source: Int
        let device: Int
        let slot: Int
        /// 1 where the tokens leave their node.
        let cost: Int
        var flow = 0.0
    }

    private let deviceCount: Int
    private let nodeCount: Int
    private let total: Double
    private var nodeOfSource: [Int] = []
    private var unsent: [Double] = []
    private var edges: [Edge] = []
    private var edgesOfSource: [Range<Int>] = []
    private var edgesOfDevice: [[Int]]
    private var room: [Double] = []

    init(_ placement: Placement, layer: Int, loads: [Double], nodeCount: Int) {
        deviceCount = placement.deviceCount
        self.nodeCount = nodeCount
        total = loads.reduce(0, +)
        let perNode = placement.deviceCount / nodeCount
        let row = placement.experts(ofLayer: layer)
        // The devices of each expert, each with the first slot there.
        var hosts = [[(device: Int, slot: Int)]](repeating: [], count: placement.expertCount)
        for device in 0..<placement.deviceCount {
            for slot in placement.slots(ofDevice: device) where row[row.startIndex + slot] != Placement.emptySlot {
                let expert = Int(row[row.startIndex + slot])
                if hosts[expert].last?.device != device { hosts[expert].append((device, slot)) }
            }
        }
        edgesOfDevice = [[Int]](repeating: [], count: placement.deviceCount)
        for node in 0..<nodeCount {
            for expert in 0..<placement.expertCount where loads[node * placement.expertCount + expert] > 0 {
                let first = edges.count
                for host in hosts[expert] {
                    edgesOfDevice[host.device].append(edges.count)
                    edges.append(
                        Edge(
                            source: unsent.count, device: host.device, slot: host.slot,
                            cost: host.device / perNode == node ? 0 : 1))
                }
                nodeOfSource.append(node)
                unsent.append(loads[node * placement.expertCount + expert])
                edgesOfSource.append(first..<edges.count)
            }
        }
    }

    /// Sends everything, within what each device may get, so that few tokens leave their node.
    mutating func solve(capacity: [Double]) {
        room = capacity
        let tolerance = total * 1e-13
        // What has no choice goes first: nothing may take its place.
        for edges in edgesOfSource where edges.count == 1 { send(edges.lowerBound, .infinity) }
        for index in edges.indices where edges[index].cost == 0 { send(index, max(0, room[edges[index].device])) }
        while unsent.contains(where: { $0 > tolerance }), augment(tolerance) {}
        // Rounding may leave a trace: it goes where most of its expert's tokens go.
        for source in unsent.indices where unsent[source] > 0 {
            if let largest = edgesOfSource[source].max(by: { edges[$0].flow < edges[$1].flow }) {
                send(largest, .infinity)
            }
        }
    }

    private mutating func send(_ edge: Int, _ most: Double) {
        let amount = min(unsent[edges[edge].source], most)
        edges[edge].flow += amount
        unsent[edges[edge].source] -= amount
        room[edges[edge].device] -= amount
    }

    /// Sends along a path of least cost from a source with tokens left to a device with room (Bellman and Ford).
    private mutating func augment(_ tolerance: Double) -> Bool {
        let sources = unsent.count
        var distance = [Int](repeating: .max, count: sources + deviceCount)
        var previous = [Int](repeating: -1, count: sources + deviceCount)
        var isWaiting = [Bool](repeating: false, count: sources + deviceCount)
        var queue: [Int] = []
        for source in 0..<sources where unsent[source] > tolerance {
            distance[source] = 0
            isWaiting[source] = true
            queue.append(source)
        }
        var head = 0
        while head < queue.count {
            let node = queue[head]
            head += 1
            isWaiting[node] = false
            func reach(_ other: Int, _ length: Int, _ edge: Int) {
                guard length < distance[other] else { return }
                distance[other] = length
                previous[other] = edge
                if !isWaiting[other] {
                    isWaiting[other] = true
                    queue.append(other)
                }
            }
            if node < sources {
                for edge in edgesOfSource[node] {
                    reach(sources + edges[edge].device, distance[node] + edges[edge].cost, edge)
                }
            } else {
                for edge in edgesOfDevice[node - sources]
                where edges[edge].flow > tolerance && edgesOfSource[edges[edge].source].count > 1 {
                    reach(edges[edge].source, distance[node] - edges[edge].cost, edge)
                }
            }
        }
        var end = -1
        for device in 0..<deviceCount where room[device] > tolerance && distance[sources + device] < .max {
            if end < 0 || distance[sources + device] < distance[end] { end = sources + device }
        }
        guard end >= 0 else { return false }
        var amount = room[end - sources]
        var node = end
        while previous[node] >= 0 {
            let edge = edges[previous[node]]
            if node < sources { amount = min(amount, edge.flow) }
            node = node >= sources ? edge.source : sources + edge.device
        }
        amount = min(amount, unsent[node])
        unsent[node] -= amount
        room[end - sources] -= amount
        node = end
        while previous[node] >= 0 {
            let edge = previous[node]
            edges[edge].flow += node >= sources ? amount : -amount
            node = node >= sources ? edges[edge].source : sources + edges[edge].device
        }
        return true
    }

    /// What each slot gets from each node: `nodes × slots`.
    func tokens(slotCount: Int) -> [Double] {
        var result = [Double](repeating: 0, count: nodeCount * slotCount)
        for edge in edges { result[nodeOfSource[edge.source] * slotCount + edge.slot] += edge.flow }
        return result
    }

    var deviceLoads: [Double] {
        var loads = [Double](repeating: 0, count: deviceCount)
        for edge in edges { loads[edge.device] += edge.flow }
        return loads
    }

    var localTokens: Double { edges.reduce(0) { $0 + ($1.cost == 0 ? $1.flow : 0) } }
}
