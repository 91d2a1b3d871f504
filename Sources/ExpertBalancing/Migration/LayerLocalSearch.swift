/// One layer's placement, changed by few copies so that no device takes longer than a target.
///
/// A move either gives a slot to another expert (its old one keeping at least one replica) or swaps two slots'
/// experts. Moves start at the device that takes the longest; of all, the one that removes the most excess over the
/// target for its cost is made. The cost of a state is the number of experts that devices hold and did not at first, so
/// that going back costs nothing; or, with homes given, the load that is served away from its expert's home node.
struct LayerLocalSearch: ~Copyable {
    let experts: Int
    let devices: Int
    let slotCount: Int

    private let weights: UnsafeMutableBufferPointer<Double>
    private let shares: UnsafeMutableBufferPointer<Double>
    private let replicas: UnsafeMutableBufferPointer<Int32>
    private let offsets: UnsafeMutableBufferPointer<Int32>
    private let deviceOfSlot: UnsafeMutableBufferPointer<Int32>
    private let pace: UnsafeMutableBufferPointer<Double>
    private let loads: UnsafeMutableBufferPointer<Double>
    private let deltas: UnsafeMutableBufferPointer<Double>
    private let touched: UnsafeMutableBufferPointer<Int32>
    private let isTouched: UnsafeMutableBufferPointer<Bool>
    private let expertAt: UnsafeMutableBufferPointer<Int32>
    private let firstSlot: UnsafeMutableBufferPointer<Int32>
    private let nextSlot: UnsafeMutableBufferPointer<Int32>
    /// For each device and expert: 1 where it is held now, plus 2 where it was at first.
    private let held: UnsafeMutableBufferPointer<UInt8>
    private var target = 0.0
    private var softness = 0.0
    private var mean = 0.0
    /// What the moves have cost so far: copies, or the change of load away from home over the mean load of a device.
    private(set) var cost = 0.0
    var copies: Int { Int(cost) }
    /// The node of each device and each expert's home, where load away from home is what costs.
    private let nodeOfDevice: UnsafeMutableBufferPointer<Int32>
    private let homeOfExpert: UnsafeMutableBufferPointer<Int32>
    private var hasHomes = false

    init(experts: Int, slotsPerDevice: ArraySlice<Int>, speeds: ArraySlice<Double>) {
        self.experts = experts
        devices = slotsPerDevice.count
        slotCount = slotsPerDevice.reduce(0, +)
        weights = .allocate(capacity: experts)
        shares = .allocate(capacity: experts)
        replicas = .allocate(capacity: experts)
        offsets = .allocate(capacity: devices + 1)
        deviceOfSlot = .allocate(capacity: slotCount)
        pace = .allocate(capacity: devices)
        loads = .allocate(capacity: devices)
        deltas = .allocate(capacity: devices)
        touched = .allocate(capacity: devices + 1)
        isTouched = .allocate(capacity: devices)
        isTouched.initialize(repeating: false)
        expertAt = .allocate(capacity: slotCount)
        firstSlot = .allocate(capacity: experts)
        nextSlot = .allocate(capacity: slotCount)
        held = .allocate(capacity: devices * experts)
        nodeOfDevice = .allocate(capacity: devices)
        homeOfExpert = .allocate(capacity: experts)
        deltas.initialize(repeating: 0)
        var slot = 0
        for (device, size) in slotsPerDevice.enumerated() {
            offsets[device] = Int32(truncatingIfNeeded: slot)
            pace[device] = 1 / speeds[speeds.startIndex + device]
            for _ in 0..<size {
                deviceOfSlot[slot] = Int32(truncatingIfNeeded: device)
                slot += 1
            }
        }
        offsets[devices] = Int32(truncatingIfNeeded: slot)
    }

    deinit {
        weights.deallocate()
        shares.deallocate()
        replicas.deallocate()
        offsets.deallocate()
        deviceOfSlot.deallocate()
        pace.deallocate()
        loads.deallocate()
        deltas.deallocate()
        touched.deallocate()
        isTouched.deallocate()
        expertAt.deallocate()
        firstSlot.deallocate()
        nextSlot.deallocate()
        held.deallocate()
        nodeOfDevice.deallocate()
        homeOfExpert.deallocate()
    }

    /// From now on, what costs is load that is served on another node than its expert's home.
    mutating func setHomes(_ homes: some Collection<Int>, nodeCount: Int) {
        hasHomes = true
        for (expert, home) in homes.enumerated() { homeOfExpert[expert] = Int32(truncatingIfNeeded: home) }
        let perNode = max(devices / nodeCount, 1)
        for device in 0..<devices { nodeOfDevice[device] = Int32(truncatingIfNeeded: device / perNode) }
    }

    /// Starts from a layer's slots, all of them in use, and its loads. O(slots + devices × experts).
    mutating func begin(_ slots: UnsafeBufferPointer<Int32>, loads newLoads: UnsafeBufferPointer<Double>) {
        held.initialize(repeating: 0)
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
        for device in 0..<devices { longest = max(longest, loads[device] * pace[device]) }
        return longest
    }

    /// By how much a device's time exceeds `time` at most, where that is more than so many standard deviations of its
    /// counts; else 0.
    func largestExcess(over time: Double, significance: Double) -> Double {
        var largest = 0.0
        for device in 0..<devices {
            var variance = 0.0
            for slot in Int(offsets[device])..<Int(offsets[device + 1]) {
                let expert = Int(expertAt[slot])
                variance += shares[expert] / Double(replicas[expert])
            }
            let excess = loads[device] * pace[device] - time
            if excess > significance * variance.squareRoot() * pace[device] { largest = max(largest, excess) }
        }
        return largest
    }

    /// Copies the slots' experts.
    func write(_ result: UnsafeMutableBufferPointer<Int32>) {
        for slot in 0..<slotCount { result[slot] = expertAt[slot] }
    }

    /// Moves until no device takes longer than `target`, or nothing helps, or the cost would exceed `limit`.
    ///
    /// - Complexity: O(slots × slots a device) a move.
    mutating func search(target: Double, mean: Double, limit: Double) {
        self.target = target
        self.mean = max(mean, .leastNormalMagnitude)
        softness = 0.02 / self.mean
        for _ in 0..<4 * slotCount {
            var device = 0
            for other in 1..<devices where loads[other] * pace[other] > loads[device] * pace[device] { device = other }
            guard loads[device] * pace[device] > target else { return }
            var best = Move()
            considerTakingOver(device, &best)
            considerGivingAway(device, &best)
            considerSwaps(device, &best)
            guard best.value > 0, cost + best.cost <= limit else { return }
            make(best)
        }
    }

    private struct Move {
        /// Excess removed for the cost.
        var value = 0.0
        var cost = 0.0
        var slot = -1
        /// The other slot of a swap, or -1.
        var other = -1
        /// The expert that the slot gets where it is no swap.
        var expert = -1
    }

    @inline(__always)
    private func penalty(_ device: Int, _ load: Double) -> Double {
        let time = load * pace[device]
        return max(0, time - target) + softness * time * time
    }

    /// A copy that is not needed after all counts as little, but not as nothing; so does load that comes home.
    @inline(__always)
    private func value(_ gain: Double, _ cost: Double) -> Double {
        if hasHomes { return cost > 0.02 ? gain / cost : gain * (51 - 50 * cost) }
        return cost > 0 ? gain / cost : gain * (4 - 2 * cost)
    }

    @inline(__always)
    private func costOfHolding(_ device: Int, _ expert: Int) -> Double {
        held[device * experts + expert] & 2 == 0 ? 1 : 0
    }

    @inline(__always)
    private func isRemote(_ device: Int, _ expert: Int) -> Bool { nodeOfDevice[device] != homeOfExpert[expert] }

    @inline(__always)
    private func remoteCount(_ expert: Int) -> Double {
        var count = 0.0
        var cursor = firstSlot[expert]
        while cursor >= 0 {
            if isRemote(Int(deviceOfSlot[Int(cursor)]), expert) { count += 1 }
            cursor = nextSlot[Int(cursor)]
        }
        return count
    }

    @inline(__always)
    private func costOfGiving(_ host: Int, _ given: Int, _ expert: Int) -> Double {
        guard hasHomes else { return costOfHolding(host, expert) - costOfHolding(host, given) }
        let less = remoteCount(given)
        let more = remoteCount(expert)
        let lessAfter = weights[given] / Double(replicas[given] - 1) * (less - (isRemote(host, given) ? 1 : 0))
        let moreAfter = weights[expert] / Double(replicas[expert] + 1) * (more + (isRemote(host, expert) ? 1 : 0))
        return (lessAfter - shares[given] * less + moreAfter - shares[expert] * more) / mean
    }

    @inline(__always)
    private func costOfSwapping(_ device: Int, _ mine: Int, _ partner: Int, _ theirs: Int) -> Double {
        guard hasHomes else {
            return costOfHolding(partner, mine) + costOfHolding(device, theirs) - costOfHolding(partner, theirs)
                - costOfHolding(device, mine)
        }
        var change = 0.0
        if isRemote(partner, mine) { change += shares[mine] }
        if isRemote(device, mine) { change -= shares[mine] }
        if isRemote(device, theirs) { change += shares[theirs] }
        if isRemote(partner, theirs) { change -= shares[theirs] }
        return change / mean
    }

    /// Slots elsewhere that could take a further replica of one of the device's experts.
    private func considerTakingOver(_ device: Int, _ best: inout Move) {
        for slot in 0..<slotCount {
            let given = Int(expertAt[slot])
            let host = Int(deviceOfSlot[slot])
            guard replicas[given] > 1, host != device else { continue }
            for own in Int(offsets[device])..<Int(offsets[device + 1]) {
                consider(slot, host, given, Int(expertAt[own]), &best)
            }
        }
    }

    /// Slots of the device whose expert has other replicas, for any expert.
    private func considerGivingAway(_ device: Int, _ best: inout Move) {
        for slot in Int(offsets[device])..<Int(offsets[device + 1]) {
            let given = Int(expertAt[slot])
            guard replicas[given] > 1 else { continue }
            for expert in 0..<experts { consider(slot, device, given, expert, &best) }
        }
    }

    @inline(__always)
    private func consider(_ slot: Int, _ host: Int, _ given: Int, _ expert: Int, _ best: inout Move) {
        guard expert != given, held[host * experts + expert] & 1 == 0 else { return }
        let gain = gain(slot, host, given, expert)
        guard gain > 0 else { return }
        let cost = costOfGiving(host, given, expert)
        let value = value(gain, cost)
        if value > best.value {
            best = Move(value: value, cost: cost, slot: slot, other: -1, expert: expert)
        }
    }

    /// How much less excess there is where a slot goes from one expert to another.
    private func gain(_ slot: Int, _ host: Int, _ given: Int, _ expert: Int) -> Double {
        let newShare = weights[expert] / Double(replicas[expert] + 1)
        let fall = newShare - shares[expert]
        let rise = weights[given] / Double(replicas[given] - 1) - shares[given]
        var count = 1
        touched[0] = Int32(truncatingIfNeeded: host)
        isTouched[host] = true
        deltas[host] = newShare - shares[given]
        var cursor = firstSlot[expert]
        while cursor >= 0 {
            let device = deviceOfSlot[Int(cursor)]
            touch(device, &count)
            deltas[Int(device)] += fall
            cursor = nextSlot[Int(cursor)]
        }
        cursor = firstSlot[given]
        while cursor >= 0 {
            if Int(cursor) != slot {
                let device = deviceOfSlot[Int(cursor)]
                touch(device, &count)
                deltas[Int(device)] += rise
            }
            cursor = nextSlot[Int(cursor)]
        }
        var result = 0.0
        for index in 0..<count {
            let device = Int(touched[index])
            result += penalty(device, loads[device]) - penalty(device, loads[device] + deltas[device])
            deltas[device] = 0
            isTouched[device] = false
        }
        return result
    }

    @inline(__always)
    private func touch(_ device: Int32, _ count: inout Int) {
        if isTouched[Int(device)] { return }
        isTouched[Int(device)] = true
        touched[count] = device
        count += 1
    }

    private func considerSwaps(_ device: Int, _ best: inout Move) {
        let load = loads[device]
        let before = penalty(device, load)
        for own in Int(offsets[device])..<Int(offsets[device + 1]) {
            let mine = Int(expertAt[own])
            for other in 0..<slotCount {
                let theirs = Int(expertAt[other])
                let shift = shares[mine] - shares[theirs]
                guard shift > 0 else { continue }
                let partner = Int(deviceOfSlot[other])
                let gain =
                    before - penalty(device, load - shift) + penalty(partner, loads[partner])
                    - penalty(partner, loads[partner] + shift)
                guard gain > 0, held[partner * experts + mine] & 1 == 0, held[device * experts + theirs] & 1 == 0
                else { continue }
                let cost = costOfSwapping(device, mine, partner, theirs)
                let value = value(gain, cost)
                if value > best.value {
                    best = Move(value: value, cost: cost, slot: own, other: other, expert: -1)
                }
            }
        }
    }

    private mutating func make(_ move: Move) {
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
        held[Int(deviceOfSlot[slot]) * experts + expert] &= 2
        if Int(firstSlot[expert]) == slot {
            firstSlot[expert] = nextSlot[slot]
            return
        }
        var cursor = Int(firstSlot[expert])
        while Int(nextSlot[cursor]) != slot { cursor = Int(nextSlot[cursor]) }
        nextSlot[cursor] = nextSlot[slot]
    }
}
