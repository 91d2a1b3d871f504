/// A flow of tokens from experts that live on several devices to those devices.
struct ReplicaFlow {
    private let deviceCount: Int
    private let speeds: [Double]
    /// What each device gets from experts that live nowhere else.
    private var fixedLoad: [Double]
    private var fixedSlots: [(slot: Int, tokens: Double)] = []

    /// For each shared expert, its edges `firstEdge[k] ..< firstEdge[k + 1]`.
    private var firstEdge: [Int] = [0]
    private var tokens: [Double] = []
    private var edgeDevice: [Int]
    private var edgeSlot: [Int]
    private var edgeExpert: [Int]
    /// For each device, its edges `deviceEdges[deviceStart[d] ..< deviceStart[d + 1]]`.
    private var deviceStart: [Int]
    private var deviceEdges: [Int]

    private var flow: [Double]
    private var room: [Double]
    private var unsent: [Double]
    private var total = 0.0

    // Scratch of the search: experts, then devices.
    private var previousEdge: [Int]
    private var isReached: [Bool]
    private var queue: [Int] = []

    init(_ placement: Placement, layer: Int, loads: [Double], speeds: [Double]) {
        let devices = placement.deviceCount
        deviceCount = devices
        self.speeds = speeds
        fixedLoad = [Double](repeating: 0, count: devices)
        let row = placement.experts(ofLayer: layer)
        let start = row.startIndex
        // On how many devices each expert stands, and on which last: a second slot on a device does not count.
        var hostCount = [Int](repeating: 0, count: placement.expertCount)
        var lastHost = [Int](repeating: -1, count: placement.expertCount)
        for device in 0..<devices {
            for slot in placement.slots(ofDevice: device) where row[start + slot] != Placement.emptySlot {
                let expert = Int(row[start + slot])
                if lastHost[expert] == device { continue }
                lastHost[expert] = device
                hostCount[expert] += 1
            }
        }
        var nextEdge = [Int](repeating: -1, count: placement.expertCount)
        var indexOfExpert = nextEdge
        var edgeCount = 0
        for expert in hostCount.indices where loads[expert] > 0 {
            total += loads[expert]
            if hostCount[expert] < 2 { continue }
            nextEdge[expert] = edgeCount
            indexOfExpert[expert] = tokens.count
            edgeCount += hostCount[expert]
            tokens.append(loads[expert])
            firstEdge.append(edgeCount)
        }
        edgeDevice = [Int](repeating: 0, count: edgeCount)
        edgeSlot = edgeDevice
        edgeExpert = edgeDevice
        deviceStart = [0]
        deviceEdges = []
        deviceStart.reserveCapacity(devices + 1)
        deviceEdges.reserveCapacity(edgeCount)
        for expert in lastHost.indices { lastHost[expert] = -1 }
        for device in 0..<devices {
            for slot in placement.slots(ofDevice: device) where row[start + slot] != Placement.emptySlot {
                let expert = Int(row[start + slot])
                guard loads[expert] > 0, lastHost[expert] != device else { continue }
                lastHost[expert] = device
                let edge = nextEdge[expert]
                if edge < 0 {
                    fixedLoad[device] += loads[expert]
                    fixedSlots.append((slot, loads[expert]))
                    continue
                }
                nextEdge[expert] += 1
                edgeDevice[edge] = device
                edgeSlot[edge] = slot
                edgeExpert[edge] = indexOfExpert[expert]
                deviceEdges.append(edge)
            }
            deviceStart.append(deviceEdges.count)
        }
        flow = [Double](repeating: 0, count: edgeDevice.count)
        unsent = tokens
        room = [Double](repeating: 0, count: devices)
        previousEdge = [Int](repeating: -1, count: tokens.count + devices)
        isReached = [Bool](repeating: false, count: tokens.count + devices)
    }

    /// Finds the least T and its flow.
    mutating func solve(isWhole: Bool) -> Double {
        var time = total / speeds.reduce(0, +)
        for device in 0..<deviceCount { time = max(time, fixedLoad[device] / speeds[device]) }
        if isWhole { time = nextWhole(time, of: Array(0..<deviceCount), sum: total) }
        let tolerance = isWhole ? 0.5 : total * 1e-13
        setRoom(time, isWhole)
        while let cut = push(tolerance) {
            var speed = 0.0
            var load = 0.0
            var devices: [Int] = []
            for device in 0..<deviceCount where cut[tokens.count + device] {
                speed += speeds[device]
                load += fixedLoad[device]
                devices.append(device)
            }
            for expert in tokens.indices where cut[expert] { load += tokens[expert] }
            let next = isWhole ? nextWhole(max(time, load / speed), of: devices, sum: load) : load / speed
            // Rounding can leave a cut whose T does not rise any more: then what is left is rounding itself.
            guard next > time else { break }
            time = next
            setRoom(time, isWhole)
        }
        settle()
        return longestTime()
    }

    /// What each slot gets.
    func tokensOfSlot(slotCount: Int) -> [Double] {
        var result = [Double](repeating: 0, count: slotCount)
        for (slot, tokens) in fixedSlots { result[slot] = tokens }
        for edge in flow.indices { result[edgeSlot[edge]] = flow[edge] }
        return result
    }

    /// The least T from `time` on at which these devices hold `sum` in whole tokens.
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
            // Far below, several steps at once are safe: each unit of time adds at most the sum of speeds.
            let speed = devices.reduce(0) { $0 + speeds[$1] }
            time = max(next, time + (sum - capacity - Double(devices.count)) / speed)
        }
    }

    private mutating func setRoom(_ time: Double, _ isWhole: Bool) {
        for device in 0..<deviceCount {
            let capacity = time * speeds[device]
            let used = load(device)
            room[device] = max(0, (isWhole ? (capacity * (1 + 1e-14)).rounded(.down) : capacity) - used)
        }
    }

    /// Sends what fits; returns the reached side of a minimum cut where something is left.
    private mutating func push(_ tolerance: Double) -> [Bool]? {
        for edge in flow.indices {
            let sent = min(unsent[edgeExpert[edge]], room[edgeDevice[edge]])
            flow[edge] += sent
            unsent[edgeExpert[edge]] -= sent
            room[edgeDevice[edge]] -= sent
        }
        while unsent.contains(where: { $0 > tolerance }) {
            guard augment(tolerance) else { return isReached }
        }
        return nil
    }

    /// One shortest path from an expert with tokens left to a device with room.
    private mutating func augment(_ tolerance: Double) -> Bool {
        let experts = tokens.count
        for node in isReached.indices { isReached[node] = false }
        queue.removeAll(keepingCapacity: true)
        for expert in 0..<experts where unsent[expert] > tolerance {
            isReached[expert] = true
            previousEdge[expert] = -1
            queue.append(expert)
        }
        var head = 0
        var end = -1
        search: while head < queue.count {
            let node = queue[head]
            head += 1
            if node < experts {
                for edge in firstEdge[node]..<firstEdge[node + 1] {
                    let device = experts + edgeDevice[edge]
                    if isReached[device] { continue }
                    isReached[device] = true
                    previousEdge[device] = edge
                    if room[edgeDevice[edge]] > tolerance {
                        end = device
                        break search
                    }
                    queue.append(device)
                }
            } else {
                for index in deviceStart[node - experts]..<deviceStart[node - experts + 1] {
                    let edge = deviceEdges[index]
                    guard flow[edge] > tolerance, !isReached[edgeExpert[edge]] else { continue }
                    isReached[edgeExpert[edge]] = true
                    previousEdge[edgeExpert[edge]] = edge
                    queue.append(edgeExpert[edge])
                }
            }
        }
        guard end >= 0 else { return false }
        var amount = room[end - experts]
        walk(back: end) { edge, isForward in if !isForward { amount = min(amount, flow[edge]) } }
        var source = end
        walk(back: end) { edge, isForward in source = isForward ? edgeExpert[edge] : source }
        amount = min(amount, unsent[source])
        var node = end
        while previousEdge[node] >= 0 {
            let edge = previousEdge[node]
            if node >= experts {
                flow[edge] += amount
                node = edgeExpert[edge]
            } else {
                flow[edge] -= amount
                node = experts + edgeDevice[edge]
            }
        }
        unsent[source] -= amount
        room[end - experts] -= amount
        return true
    }

    /// Visits the path that led to a node, last edge first.
    private func walk(back end: Int, _ visit: (Int, Bool) -> Void) {
        var node = end
        while previousEdge[node] >= 0 {
            let edge = previousEdge[node]
            visit(edge, node >= tokens.count)
            node = node >= tokens.count ? edgeExpert[edge] : tokens.count + edgeDevice[edge]
        }
    }

    /// Sends what rounding left over, so that every expert's tokens add up.
    private mutating func settle() {
        for expert in tokens.indices where unsent[expert] != 0 {
            let edges = firstEdge[expert]..<firstEdge[expert + 1]
            let largest = edges.max { flow[$0] < flow[$1] } ?? edges.lowerBound
            flow[largest] += unsent[expert]
            unsent[expert] = 0
        }
    }

    private func longestTime() -> Double {
        var longest = 0.0
        for device in 0..<deviceCount {
            longest = max(longest, load(device) / speeds[device])
        }
        return longest
    }

    /// What a device gets in all.
    private func load(_ device: Int) -> Double {
        var sum = fixedLoad[device]
        for index in deviceStart[device]..<deviceStart[device + 1] { sum += flow[deviceEdges[index]] }
        return sum
    }
}
