/// A flow of tokens from sources along edges to devices with limited room.
struct FlowNetwork {
    struct Edge {
        let source: Int32
        let device: Int32
        let slot: Int32
        /// The cost per token on this edge.
        let cost: Int32
    }

    /// The edges, source after source.
    let edges: [Edge]
    /// The tokens on each edge.
    private(set) var flow: [Double]
    /// The first edge of each source, then the number of edges.
    private let sourceStart: [Int]
    /// The bounds of each device's edges, which are `deviceEdges[deviceStart[d] ..< deviceStart[d + 1]]`.
    private let deviceStart: [Int]
    private let deviceEdges: [Int]
    /// The tokens that each source has left.
    private(set) var unsent: [Double]
    /// The tokens that each device can still receive.
    var room: [Double]

    // Scratch memory of the searches, for sources, then devices.
    private var previousEdge: [Int]
    private(set) var isReached: [Bool]
    /// The nodes reached so far, in order: an array with a cursor is about 5 % faster here than a deque.
    private var queue: [Int] = []

    /// Creates a network without flow. `deviceEdges` lists each device's edges in any order.
    init(tokens: [Double], edges: [Edge], sourceStart: [Int], deviceStart: [Int], deviceEdges: [Int]) {
        self.edges = edges
        flow = [Double](repeating: 0, count: edges.count)
        self.sourceStart = sourceStart
        self.deviceStart = deviceStart
        self.deviceEdges = deviceEdges
        unsent = tokens
        room = [Double](repeating: 0, count: deviceStart.count - 1)
        previousEdge = [Int](repeating: -1, count: unsent.count + room.count)
        isReached = [Bool](repeating: false, count: unsent.count + room.count)
    }

    var sourceCount: Int { unsent.count }

    @inline(__always) func edges(ofSource source: Int) -> Range<Int> { sourceStart[source]..<sourceStart[source + 1] }

    @inline(__always)
    func edges(ofDevice device: Int) -> ArraySlice<Int> { deviceEdges[deviceStart[device]..<deviceStart[device + 1]] }

    /// Returns the tokens that a device receives, added to `start`.
    func load(_ device: Int, from start: Double = 0) -> Double {
        var sum = start
        for index in deviceStart[device]..<deviceStart[device + 1] { sum += flow[deviceEdges[index]] }
        return sum
    }

    func hasUnsent(_ tolerance: Double) -> Bool { unsent.contains { $0 > tolerance } }

    /// Sends up to `most` of the tokens that the edge's source has left.
    @inline(__always) mutating func send(_ edge: Int, _ most: Double) {
        let source = Int(edges[edge].source)
        let amount = min(unsent[source], most)
        flow[edge] += amount
        unsent[source] -= amount
        room[Int(edges[edge].device)] -= amount
    }

    /// Sends as many tokens along the edge as its device has room for.
    @inline(__always) mutating func sendIntoRoom(_ edge: Int) { send(edge, max(0, room[Int(edges[edge].device)])) }

    /// Sends each source's remaining tokens, which rounding left over, along the edge with the source's largest flow.
    mutating func settle() {
        for source in unsent.indices where unsent[source] > 0 {
            if let largest = edges(ofSource: source).max(by: { flow[$0] < flow[$1] }) {
                send(largest, .infinity)
            }
        }
    }

    /// Sends tokens along a path with the fewest edges from a source with tokens left to a device with room (Edmonds
    /// and Karp).
    ///
    /// - Returns: false if there is no path; then ``isReached`` is one side of a minimum cut.
    mutating func augmentShortest(_ tolerance: Double) -> Bool {
        for node in isReached.indices { isReached[node] = false }
        queue.removeAll(keepingCapacity: true)
        for source in unsent.indices where unsent[source] > tolerance {
            isReached[source] = true
            previousEdge[source] = -1
            queue.append(source)
        }
        var head = 0
        while head < queue.count {
            let node = queue[head]
            head += 1
            if node >= sourceCount {
                reachSources(from: node - sourceCount, tolerance)
            } else if let end = reachDevices(from: node, tolerance) {
                send(alongPathTo: end)
                return true
            }
        }
        return false
    }

    /// Marks a source's devices as reached. Returns the first device with room, or nil.
    @inline(__always) private mutating func reachDevices(from source: Int, _ tolerance: Double) -> Int? {
        for edge in edges(ofSource: source) {
            let device = Int(edges[edge].device)
            let node = sourceCount + device
            if isReached[node] { continue }
            isReached[node] = true
            previousEdge[node] = edge
            if room[device] > tolerance { return device }
            queue.append(node)
        }
        return nil
    }

    /// Marks the sources whose tokens the device could give back as reached.
    @inline(__always) private mutating func reachSources(from device: Int, _ tolerance: Double) {
        for index in deviceStart[device]..<deviceStart[device + 1] {
            let edge = deviceEdges[index]
            let source = Int(edges[edge].source)
            guard flow[edge] > tolerance, !isReached[source] else { continue }
            isReached[source] = true
            previousEdge[source] = edge
            queue.append(source)
        }
    }

    /// Sends tokens along a path with the least cost from a source with tokens left to a device with room (Bellman and
    /// Ford).
    ///
    /// - Returns: false if there is no path.
    mutating func augmentCheapest(_ tolerance: Double) -> Bool {
        var distance = [Int](repeating: .max, count: previousEdge.count)
        var isWaiting = [Bool](repeating: false, count: previousEdge.count)
        for node in previousEdge.indices { previousEdge[node] = -1 }
        queue.removeAll(keepingCapacity: true)
        func reach(_ node: Int, _ length: Int, _ edge: Int) {
            guard length < distance[node] else { return }
            distance[node] = length
            previousEdge[node] = edge
            if !isWaiting[node] {
                isWaiting[node] = true
                queue.append(node)
            }
        }
        for source in unsent.indices where unsent[source] > tolerance { reach(source, 0, -1) }
        var head = 0
        while head < queue.count {
            let node = queue[head]
            head += 1
            isWaiting[node] = false
            if node < sourceCount {
                for edge in edges(ofSource: node) {
                    reach(sourceCount + Int(edges[edge].device), distance[node] + Int(edges[edge].cost), edge)
                }
            } else {
                // Tokens of a source with one edge cannot move to another device.
                for edge in edges(ofDevice: node - sourceCount)
                where flow[edge] > tolerance && edges(ofSource: Int(edges[edge].source)).count > 1 {
                    reach(Int(edges[edge].source), distance[node] - Int(edges[edge].cost), edge)
                }
            }
        }
        let ends = room.indices.filter { room[$0] > tolerance && distance[sourceCount + $0] < .max }
        guard let end = ends.min(by: { distance[sourceCount + $0] < distance[sourceCount + $1] }) else { return false }
        send(alongPathTo: end)
        return true
    }

    /// Sends as many tokens as the path that led to `device` allows.
    private mutating func send(alongPathTo device: Int) {
        let end = sourceCount + device
        var amount = room[device]
        var node = end
        while previousEdge[node] >= 0 {
            if node < sourceCount { amount = min(amount, flow[previousEdge[node]]) }
            let edge = edges[previousEdge[node]]
            node = node >= sourceCount ? Int(edge.source) : sourceCount + Int(edge.device)
        }
        amount = min(amount, unsent[node])
        unsent[node] -= amount
        room[device] -= amount
        node = end
        while previousEdge[node] >= 0 {
            let edge = previousEdge[node]
            flow[edge] += node >= sourceCount ? amount : -amount
            node = node >= sourceCount ? Int(edges[edge].source) : sourceCount + Int(edges[edge].device)
        }
    }
}
