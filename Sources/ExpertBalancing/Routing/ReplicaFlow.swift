/// A flow of tokens from experts to the devices that hold them, with the least possible longest time.
struct ReplicaFlow {
    private let speeds: [Double]
    /// The load of each device from experts that are on no other device.
    private let fixedLoad: [Double]
    private let fixedSlots: [(slot: Int, tokens: Double)]
    /// The loads of the experts on several devices, which are the sources of the network.
    private let tokens: [Double]
    private let total: Double
    private var network: FlowNetwork

    init(_ placement: Placement, layer: Int, loads: [Double], speeds: [Double]) {
        self.speeds = speeds
        var fixedLoad = [Double](repeating: 0, count: placement.deviceCount)
        var fixedSlots: [(slot: Int, tokens: Double)] = []
        var deviceCounts = [Int](repeating: 0, count: placement.expertCount)
        placement.forEachReplica(ofLayer: layer) { expert, _, _ in deviceCounts[expert] += 1 }
        var sourceOfExpert = [Int32](repeating: -1, count: placement.expertCount)
        var nextEdge = [Int](repeating: -1, count: placement.expertCount)
        var sourceStart = [0]
        var tokens: [Double] = []
        fixedSlots.reserveCapacity(placement.slotCount)
        sourceStart.reserveCapacity(placement.expertCount + 1)
        tokens.reserveCapacity(placement.expertCount)
        for expert in deviceCounts.indices where loads[expert] > 0 && deviceCounts[expert] > 1 {
            sourceOfExpert[expert] = Int32(truncatingIfNeeded: tokens.count)
            nextEdge[expert] = sourceStart[tokens.count]
            sourceStart.append(sourceStart[tokens.count] + deviceCounts[expert])
            tokens.append(loads[expert])
        }
        let edgeCount = sourceStart[tokens.count]
        var edges = [FlowNetwork.Edge](
            repeating: FlowNetwork.Edge(source: 0, device: 0, slot: 0, cost: 0), count: edgeCount)
        var deviceStart = [Int](repeating: 0, count: placement.deviceCount + 1)
        var deviceEdges: [Int] = []
        deviceEdges.reserveCapacity(edgeCount)
        placement.forEachReplica(ofLayer: layer) { expert, device, slot in
            let edge = nextEdge[expert]
            if edge >= 0 {
                nextEdge[expert] += 1
                edges[edge] = FlowNetwork.Edge(
                    source: sourceOfExpert[expert], device: Int32(truncatingIfNeeded: device),
                    slot: Int32(truncatingIfNeeded: slot), cost: 0)
                deviceEdges.append(edge)
                deviceStart[device + 1] += 1
            } else if loads[expert] > 0 {
                fixedLoad[device] += loads[expert]
                fixedSlots.append((slot, loads[expert]))
            }
        }
        for device in 0..<placement.deviceCount { deviceStart[device + 1] += deviceStart[device] }
        self.fixedLoad = fixedLoad
        self.fixedSlots = fixedSlots
        self.tokens = tokens
        total = loads.reduce(0, +)
        network = FlowNetwork(
            tokens: tokens, edges: edges, sourceStart: sourceStart, deviceStart: deviceStart, deviceEdges: deviceEdges)
    }

    /// Finds the flow with the least longest time, and returns that time. See ``TokenSplit`` for the method.
    mutating func solve(isWhole: Bool) -> Double {
        var time = total / speeds.reduce(0, +)
        for device in speeds.indices { time = max(time, fixedLoad[device] / speeds[device]) }
        if isWhole { time = nextWhole(time, of: Array(speeds.indices), sum: total) }
        let tolerance = isWhole ? 0.5 : total * 1e-13
        setRoom(time, isWhole)
        while let cut = push(tolerance) {
            var speed = 0.0
            var load = 0.0
            var devices: [Int] = []
            for device in speeds.indices where cut[tokens.count + device] {
                speed += speeds[device]
                load += fixedLoad[device]
                devices.append(device)
            }
            for source in tokens.indices where cut[source] { load += tokens[source] }
            let next = isWhole ? nextWhole(max(time, load / speed), of: devices, sum: load) : load / speed
            // Because of rounding, a cut may not raise T any more. Then only rounding errors are left to send.
            guard next > time else { break }
            time = next
            setRoom(time, isWhole)
        }
        network.settle()
        return speeds.indices.reduce(0) { max($0, network.load($1, from: fixedLoad[$1]) / speeds[$1]) }
    }

    /// Returns the tokens of each slot.
    func tokensOfSlot(slotCount: Int) -> [Double] {
        var result = [Double](repeating: 0, count: slotCount)
        for (slot, tokens) in fixedSlots { result[slot] = tokens }
        for (edge, flow) in zip(network.edges, network.flow) { result[Int(edge.slot)] = flow }
        return result
    }

    /// Returns the least T, at least `time`, in which `devices` can process `sum` whole tokens.
    private func nextWhole(_ time: Double, of devices: [Int], sum: Double) -> Double {
        var time = time
        while true {
            var capacity = 0.0
            var next = Double.infinity
            for device in devices {
                let whole = (time * speeds[device] * (1 + 1e-14)).rounded(.down)
                capacity += whole
                next = min(next, (whole + 1) / speeds[device])
            }
            if capacity >= sum || !(next > time) { return time }
            // If much capacity is missing, T can rise further: each unit of time adds at most the sum of speeds.
            let speed = devices.reduce(0) { $0 + speeds[$1] }
            time = max(next, time + (sum - capacity - Double(devices.count)) / speed)
        }
    }

    /// Sets the room of each device to the capacity that it has left in `time`.
    private mutating func setRoom(_ time: Double, _ isWhole: Bool) {
        for device in speeds.indices {
            let capacity = time * speeds[device]
            let used = network.load(device, from: fixedLoad[device])
            network.room[device] = max(0, (isWhole ? (capacity * (1 + 1e-14)).rounded(.down) : capacity) - used)
        }
    }

    /// Sends as many tokens as fit. Returns nil if all tokens are sent, else the reached side of a minimum cut.
    private mutating func push(_ tolerance: Double) -> [Bool]? {
        for edge in network.edges.indices { network.sendIntoRoom(edge) }
        while network.hasUnsent(tolerance) {
            guard network.augmentShortest(tolerance) else { return network.isReached }
        }
        return nil
    }
}
