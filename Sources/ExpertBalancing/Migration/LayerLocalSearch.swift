/// A local search that changes one layer's placement by few copies so that no device takes longer than a target.
///
/// A move either gives a slot to another expert, if the slot's old expert keeps a replica, or swaps the experts of two
/// slots. Moves involve the device that takes the longest. The search makes the move that removes the most excess over
/// the target per cost. The cost of a state is the number of experts that devices hold and did not hold at the
/// beginning, so that undoing a move costs nothing. If home nodes are given, the cost is the load that is served on
/// other nodes.
///
/// The search keeps each column of slots, experts and devices in a buffer of its own, which all layers share.
struct LayerLocalSearch: ~Copyable {
    let experts: Int
    let devices: Int
    let slotCount: Int

    let weights: ScratchBuffer<Double>
    let shares: ScratchBuffer<Double>
    let replicas: ScratchBuffer<Int32>
    let offsets: ScratchBuffer<Int32>
    let deviceOfSlot: ScratchBuffer<Int32>
    let inverseSpeed: ScratchBuffer<Double>
    let loads: ScratchBuffer<Double>
    let deltas: ScratchBuffer<Double>
    let touched: ScratchBuffer<Int32>
    let isTouched: ScratchBuffer<Bool>
    let expertAt: ScratchBuffer<Int32>
    let firstSlot: ScratchBuffer<Int32>
    let nextSlot: ScratchBuffer<Int32>
    /// For each device and expert: 1 if the device holds the expert now, plus 2 if it did at the beginning.
    let held: ScratchBuffer<UInt8>
    private(set) var target = 0.0
    private(set) var softness = 0.0
    private(set) var mean = 0.0
    /// The cost of the moves so far: copies, or the change of remote load divided by the mean time.
    private(set) var cost = 0.0
    var copies: Int { Int(cost) }
    /// The node of each device and the home node of each expert, if remote load is the cost.
    let nodeOfDevice: ScratchBuffer<Int32>
    let homeNodeOfExpert: ScratchBuffer<Int32>
    private(set) var hasHomeNodes = false
    /// Whether every expert stays on its home node, because no remote load is allowed.
    private(set) var staysAtHome = false

    init(experts: Int, slotsPerDevice: ArraySlice<Int>, speeds: ArraySlice<Double>) {
        self.experts = experts
        devices = slotsPerDevice.count
        slotCount = slotsPerDevice.reduce(0, +)
        weights = ScratchBuffer(experts)
        shares = ScratchBuffer(experts)
        replicas = ScratchBuffer(experts)
        offsets = ScratchBuffer(devices + 1)
        deviceOfSlot = ScratchBuffer(slotCount)
        inverseSpeed = ScratchBuffer(devices)
        loads = ScratchBuffer(devices)
        deltas = ScratchBuffer(devices, repeating: 0)
        touched = ScratchBuffer(devices + 1)
        isTouched = ScratchBuffer(devices, repeating: false)
        expertAt = ScratchBuffer(slotCount)
        firstSlot = ScratchBuffer(experts)
        nextSlot = ScratchBuffer(slotCount)
        held = ScratchBuffer(devices * experts)
        nodeOfDevice = ScratchBuffer(devices)
        homeNodeOfExpert = ScratchBuffer(experts)
        var slot = 0
        for (device, size) in slotsPerDevice.enumerated() {
            offsets[device] = Int32(truncatingIfNeeded: slot)
            inverseSpeed[device] = 1 / speeds[speeds.startIndex + device]
            for _ in 0..<size {
                deviceOfSlot[slot] = Int32(truncatingIfNeeded: device)
                slot += 1
            }
        }
        offsets[devices] = Int32(truncatingIfNeeded: slot)
    }

    /// Makes the load that is served outside the expert's home node the cost.
    mutating func setHomeNodes(_ homeNodes: some Collection<Int>, nodeCount: Int) {
        hasHomeNodes = true
        for (expert, home) in homeNodes.enumerated() { homeNodeOfExpert[expert] = Int32(truncatingIfNeeded: home) }
        let perNode = max(devices / nodeCount, 1)
        for device in 0..<devices { nodeOfDevice[device] = Int32(truncatingIfNeeded: device / perNode) }
    }

    /// Starts from a layer's loads and slots, none of them empty. O(slots + devices × experts).
    mutating func begin(_ slots: Span<Int32>, loads newLoads: Span<Double>) {
        held.elements.initialize(repeating: 0)
        for expert in 0..<experts {
            weights[expert] = newLoads[expert]
            replicas[expert] = 0
            firstSlot[expert] = -1
        }
        for slot in 0..<slotCount {
            let expert = Int(slots[slot])
            expertAt[slot] = slots[slot]
            replicas[expert] += 1
            nextSlot[slot] = firstSlot[expert]
            firstSlot[expert] = Int32(truncatingIfNeeded: slot)
            held[Int(deviceOfSlot[slot]) * experts + expert] = 3
        }
        for expert in 0..<experts { shares[expert] = weights[expert] / Double(replicas[expert]) }
        for device in 0..<devices { loads[device] = 0 }
        for slot in 0..<slotCount { loads[Int(deviceOfSlot[slot])] += shares[Int(expertAt[slot])] }
        cost = 0
    }

    /// The longest time of any device.
    var longestTime: Double {
        var longest = 0.0
        for device in 0..<devices { longest = max(longest, loads[device] * inverseSpeed[device]) }
        return longest
    }

    /// Returns the largest excess of a device's time over `time`. An excess counts only if it is more than
    /// `significance` standard deviations of the device's token count. If no excess counts, the result is 0.
    func largestExcess(over time: Double, significance: Double) -> Double {
        var largest = 0.0
        for device in 0..<devices {
            var variance = 0.0
            for slot in Int(offsets[device])..<Int(offsets[device + 1]) {
                let expert = Int(expertAt[slot])
                variance += shares[expert] / Double(replicas[expert])
            }
            let excess = loads[device] * inverseSpeed[device] - time
            if excess > significance * variance.squareRoot() * inverseSpeed[device] { largest = max(largest, excess) }
        }
        return largest
    }

    /// The expert of each slot.
    var slots: [Int32] { Array(expertAt.elements) }

    /// Makes moves until no device takes longer than `target`, no move helps, or the cost would exceed `limit`.
    ///
    /// - Complexity: O(slots × slots per device) per move.
    mutating func search(target: Double, mean: Double, limit: Double) {
        self.target = target
        self.mean = max(mean, .leastNormalMagnitude)
        softness = 0.02 / self.mean
        staysAtHome = hasHomeNodes && limit <= 0
        for _ in 0..<4 * slotCount {
            var device = 0
            for other in 1..<devices where loads[other] * inverseSpeed[other] > loads[device] * inverseSpeed[device] {
                device = other
            }
            guard loads[device] * inverseSpeed[device] > target else { return }
            var best = Move()
            considerAddedReplicas(device, &best)
            considerReplacedReplicas(device, &best)
            considerSwaps(device, &best)
            guard best.value > 0, cost + best.cost <= limit else { return }
            apply(best)
        }
    }

    struct Move {
        /// The excess removed per cost.
        var value = 0.0
        var cost = 0.0
        var slot = -1
        /// The other slot of a swap, or -1.
        var other = -1
        /// The new expert of the slot, or -1 for a swap.
        var expert = -1
    }

    private mutating func apply(_ move: Move) {
        let slot = move.slot
        let given = Int(expertAt[slot])
        if move.other >= 0 {
            let theirs = Int(expertAt[move.other])
            let shift = shares[given] - shares[theirs]
            loads[Int(deviceOfSlot[slot])] -= shift
            loads[Int(deviceOfSlot[move.other])] += shift
            unlink(slot, given)
            unlink(move.other, theirs)
            link(slot, theirs)
            link(move.other, given)
        } else {
            changeLoads(given, by: -1)
            changeLoads(move.expert, by: -1)
            unlink(slot, given)
            link(slot, move.expert)
            replicas[given] -= 1
            replicas[move.expert] += 1
            shares[given] = weights[given] / Double(replicas[given])
            shares[move.expert] = weights[move.expert] / Double(replicas[move.expert])
            changeLoads(given, by: 1)
            changeLoads(move.expert, by: 1)
        }
        cost += move.cost
    }

    private func changeLoads(_ expert: Int, by sign: Double) {
        var cursor = firstSlot[expert]
        while cursor >= 0 {
            loads[Int(deviceOfSlot[Int(cursor)])] += sign * shares[expert]
            cursor = nextSlot[Int(cursor)]
        }
    }

    private func link(_ slot: Int, _ expert: Int) {
        let device = Int(deviceOfSlot[slot])
        expertAt[slot] = Int32(truncatingIfNeeded: expert)
        nextSlot[slot] = firstSlot[expert]
        firstSlot[expert] = Int32(truncatingIfNeeded: slot)
        held[device * experts + expert] |= 1
    }

    private func unlink(_ slot: Int, _ expert: Int) {
        let device = Int(deviceOfSlot[slot])
        let isElsewhere = (Int(offsets[device])..<Int(offsets[device + 1])).contains {
            $0 != slot && Int(expertAt[$0]) == expert
        }
        if !isElsewhere { held[device * experts + expert] &= 2 }
        if Int(firstSlot[expert]) == slot {
            firstSlot[expert] = nextSlot[slot]
            return
        }
        var cursor = Int(firstSlot[expert])
        while Int(nextSlot[cursor]) != slot { cursor = Int(nextSlot[cursor]) }
        nextSlot[cursor] = nextSlot[slot]
    }
}
