import Algorithms

/// A flow of tokens from pairs of a node and an expert to the devices that hold the expert. Few tokens leave their
/// node.
struct LocalReplicaFlow {
    private let deviceCount: Int
    private let nodeCount: Int
    private let total: Double
    /// The node of each source of the network.
    private let nodeOfSource: [Int]
    private var network: FlowNetwork

    init(_ placement: Placement, layer: Int, loads: [Double], nodeCount: Int) {
        deviceCount = placement.deviceCount
        self.nodeCount = nodeCount
        total = loads.reduce(0, +)
        let perNode = placement.deviceCount / nodeCount
        var replicas = [[(device: Int, slot: Int)]](repeating: [], count: placement.expertCount)
        placement.forEachReplica(ofLayer: layer) { expert, device, slot in replicas[expert].append((device, slot)) }
        var tokens: [Double] = []
        var edges: [FlowNetwork.Edge] = []
        var nodeOfSource: [Int] = []
        var sourceStart = [0]
        var edgesOfDevice = [[Int]](repeating: [], count: deviceCount)
        for (index, load) in loads.enumerated() where load > 0 {
            let (node, expert) = index.quotientAndRemainder(dividingBy: placement.expertCount)
            for replica in replicas[expert] {
                edgesOfDevice[replica.device].append(edges.count)
                edges.append(
                    FlowNetwork.Edge(
                        source: Int32(truncatingIfNeeded: tokens.count),
                        device: Int32(truncatingIfNeeded: replica.device),
                        slot: Int32(truncatingIfNeeded: replica.slot), cost: replica.device / perNode == node ? 0 : 1))
            }
            sourceStart.append(edges.count)
            nodeOfSource.append(node)
            tokens.append(load)
        }
        self.nodeOfSource = nodeOfSource
        network = FlowNetwork(
            tokens: tokens, edges: edges, sourceStart: sourceStart,
            deviceStart: edgesOfDevice.reductions(0) { $0 + $1.count }, deviceEdges: edgesOfDevice.flatMap(\.self))
    }

    /// Sends all tokens within the capacity of each device so that few tokens leave their node.
    mutating func solve(capacity: [Double]) {
        network.room = capacity
        let tolerance = total * 1e-13
        // Tokens with one possible device go first, so that other tokens do not take their room.
        for source in 0..<network.sourceCount where network.edges(ofSource: source).count == 1 {
            network.send(network.edges(ofSource: source).lowerBound, .infinity)
        }
        for edge in network.edges.indices where network.edges[edge].cost == 0 { network.sendIntoRoom(edge) }
        while network.hasUnsent(tolerance), network.augmentCheapest(tolerance) {}
        network.settle()
    }

    /// Returns the tokens that each slot receives from each node: `nodes × slots`.
    func tokens(slotCount: Int) -> [Double] {
        var result = [Double](repeating: 0, count: nodeCount * slotCount)
        for (edge, flow) in zip(network.edges, network.flow) {
            result[nodeOfSource[Int(edge.source)] * slotCount + Int(edge.slot)] += flow
        }
        return result
    }

    var deviceLoads: [Double] {
        var loads = [Double](repeating: 0, count: deviceCount)
        for (edge, flow) in zip(network.edges, network.flow) { loads[Int(edge.device)] += flow }
        return loads
    }

    var localTokens: Double { zip(network.edges, network.flow).reduce(0) { $0 + ($1.0.cost == 0 ? $1.1 : 0) } }
}
