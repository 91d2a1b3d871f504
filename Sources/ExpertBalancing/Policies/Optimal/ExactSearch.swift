/// A search of all placements of one layer on a few devices, by branch and bound.
///
/// The experts are placed one after another, the heaviest first. A branch is a number of replicas and the devices that
/// hold them. A branch ends if the slots or the time that are left cannot hold the other experts. Devices with the same
/// slots, speed, load and free slots are interchangeable, so only one order of them is searched; the same holds for
/// experts of equal load.
struct ExactSearch: ~Copyable {
    /// The result of a search below a limit.
    enum Outcome {
        /// The best placement has a longest time below the limit.
        case optimal
        /// A placement reached the target.
        case reachedTarget
        /// There is no placement below the limit.
        case impossible
        /// The search ended after the permitted number of steps. A placement below the limit may have been found.
        case unfinished
    }

    /// The least relative improvement that counts.
    static let precision = 1e-11

    private let experts: Int
    private let devices: Int
    private let slotCount: Int
    /// Whether a device may hold an expert twice.
    var allowsDuplicates = false
    /// The experts in order of load, the heaviest first, and their loads.
    private let expertAt: ScratchBuffer<Int32>
    private let weights: ScratchBuffer<Double>
    /// The least replicas of each expert below the limit, and the sums over the experts from a position on.
    private let least: ScratchBuffer<Int32>
    private let leastFrom: ScratchBuffer<Int32>
    private let weightFrom: ScratchBuffer<Double>
    /// The heaviest share of the experts from a position on.
    private let heaviestFrom: ScratchBuffer<Double>
    private let counts: ScratchBuffer<Int32>
    private let capacities: ScratchBuffer<Int32>
    private let inverseSpeed: ScratchBuffer<Double>
    private let loads: ScratchBuffer<Double>
    private let free: ScratchBuffer<Int32>
    /// For each expert and device: the replicas there, the earlier device with the same state, and the replicas that
    /// the device and all later devices can take.
    private let placed: ScratchBuffer<Int32>
    private let twin: ScratchBuffer<Int32>
    private let roomFrom: ScratchBuffer<Int32>
    /// The replicas of each expert on each device in the best placement.
    private let best: ScratchBuffer<Int32>
    private var limit = 0.0
    /// The load of the fastest device at the limit.
    private var loadLimit = 0.0
    private var target = 0.0
    private var slotsLeft: Int32 = 0
    private var stepsLeft = 0
    /// The result if the search ends early.
    private var early: Outcome?
    /// The steps of the last search.
    private(set) var stepsTaken = 0
    /// The longest time of the best placement, if one was found.
    private(set) var longestTime = Double.infinity

    init(experts: Int, slotsPerDevice: ArraySlice<Int>, speeds: ArraySlice<Double>) {
        self.experts = experts
        devices = slotsPerDevice.count
        slotCount = slotsPerDevice.reduce(0, +)
        expertAt = ScratchBuffer(experts)
        weights = ScratchBuffer(experts)
        least = ScratchBuffer(experts)
        leastFrom = ScratchBuffer(experts + 1)
        weightFrom = ScratchBuffer(experts + 1)
        heaviestFrom = ScratchBuffer(experts + 1)
        counts = ScratchBuffer(experts)
        capacities = ScratchBuffer(devices)
        inverseSpeed = ScratchBuffer(devices)
        loads = ScratchBuffer(devices)
        free = ScratchBuffer(devices)
        placed = ScratchBuffer(experts * devices, repeating: 0)
        twin = ScratchBuffer(experts * devices)
        roomFrom = ScratchBuffer(experts * (devices + 1))
        best = ScratchBuffer(experts * devices)
        for (device, slots) in slotsPerDevice.enumerated() { capacities[device] = Int32(truncatingIfNeeded: slots) }
        for (device, speed) in speeds.enumerated() { inverseSpeed[device] = 1 / speed }
    }

    /// Starts with a layer's loads. O(experts × log experts).
    mutating func begin(_ loads: UnsafeBufferPointer<Double>) {
        let order = (0..<experts).sorted { loads[$0] != loads[$1] ? loads[$0] > loads[$1] : $0 < $1 }
        for (position, expert) in order.enumerated() {
            expertAt[position] = Int32(truncatingIfNeeded: expert)
            weights[position] = loads[expert]
        }
        weightFrom[experts] = 0
        for position in (0..<experts).reversed() { weightFrom[position] = weightFrom[position + 1] + weights[position] }
        longestTime = .infinity
    }

    /// Searches for the placement with the least longest time of at most `limit`.
    ///
    /// - Parameters:
    ///   - limit: The limit, above 0.
    ///   - target: A proved bound, at which the search ends.
    ///   - steps: The permitted steps.
    mutating func search(limit: Double, target: Double, steps: Int) -> Outcome {
        stepsTaken = 0
        guard lower(limit) else { return .impossible }
        let before = longestTime
        self.target = target
        early = nil
        stepsLeft = steps
        slotsLeft = 0
        for device in 0..<devices {
            loads[device] = 0
            free[device] = capacities[device]
            slotsLeft += capacities[device]
        }
        place(0)
        stepsTaken = steps - max(stepsLeft, 0)
        if let early { return early }
        return stepsLeft <= 0 ? .unfinished : longestTime < before ? .optimal : .impossible
    }

    /// Writes the expert of each slot of the best placement. The experts of a device ascend.
    func write(_ result: UnsafeMutableBufferPointer<Int32>) {
        var slot = 0
        for device in 0..<devices {
            let start = slot
            for position in 0..<experts {
                for _ in 0..<best[position * devices + device] {
                    result[slot] = expertAt[position]
                    slot += 1
                }
            }
            var held = UnsafeMutableBufferPointer(rebasing: result[start..<slot])
            held.sort()
        }
    }

    /// Lowers the limit. Returns false if the least counts need more than all slots.
    private mutating func lower(_ limit: Double) -> Bool {
        self.limit = limit
        loadLimit = 0
        for device in 0..<devices where capacities[device] > 0 {
            loadLimit = max(loadLimit, limit / inverseSpeed[device])
        }
        leastFrom[experts] = 0
        heaviestFrom[experts] = 0
        for position in (0..<experts).reversed() {
            let needed = (weights[position] / loadLimit * (1 - 1e-12)).rounded(.up)
            guard needed <= Double(slotCount) else { return false }
            least[position] = max(1, Int32(needed))
            leastFrom[position] = leastFrom[position + 1] + least[position]
            heaviestFrom[position] = max(heaviestFrom[position + 1], weights[position] / Double(least[position]))
        }
        return Int(leastFrom[0]) <= slotCount
    }

    /// Places the expert at a position of the order, and all later experts.
    private mutating func place(_ position: Int) {
        guard position < experts else { return keep() }
        guard mayHold(from: position) else { return }
        let row = position * devices
        let mostByOthers = slotsLeft - leastFrom[position + 1]
        roomFrom[row + position + devices] = 0
        for device in (0..<devices).reversed() {
            let room = allowsDuplicates ? free[device] : min(1, free[device])
            roomFrom[row + position + device] = roomFrom[row + position + device + 1] + room
            twin[row + device] = -1
            for other in (0..<device).reversed()
            where loads[other] == loads[device] && free[other] == free[device]
                && capacities[other] == capacities[device] && inverseSpeed[other] == inverseSpeed[device]
            {
                twin[row + device] = Int32(truncatingIfNeeded: other)
                break
            }
        }
        let most = min(mostByOthers, roomFrom[row + position])
        var count = least[position]
        // Of experts with equal loads, later experts have at least as many replicas.
        if position > 0, weights[position] == weights[position - 1] { count = max(count, counts[position - 1]) }
        if position == experts - 1 { count = max(count, slotsLeft) }
        while count <= most, stepsLeft > 0, early == nil {
            let share = weights[position] / Double(count)
            // Each free slot will hold at least the lightest share that a later expert may have. A least share of
            // several replicas is at least half of the limit.
            let lightest = min(weights[experts - 1], loadLimit / 2) / Double(1 + mostByOthers - count)
            let filler = position + 1 < experts ? lightest * (1 - 1e-9) : 0
            counts[position] = count
            spread(position, 0, count, share, filler)
            count += 1
        }
    }

    /// Whether the devices may hold the load of the experts from a position on. O(devices).
    private func mayHold(from position: Int) -> Bool {
        var room = 0.0
        for device in 0..<devices where free[device] > 0 {
            room += min(limit / inverseSpeed[device] - loads[device], Double(free[device]) * heaviestFrom[position])
        }
        return weightFrom[position] <= room * (1 + 1e-12)
    }

    /// Spreads the replicas of an expert that are left over a device and all later devices.
    private mutating func spread(_ position: Int, _ device: Int, _ left: Int32, _ share: Double, _ filler: Double) {
        if left == 0 {
            for other in device..<devices { placed[position * devices + other] = 0 }
            return place(position + 1)
        }
        let row = position * devices
        guard roomFrom[row + position + device] >= left else { return }
        stepsLeft -= 1
        guard stepsLeft > 0, early == nil else { return }
        var count = min(left, allowsDuplicates ? free[device] : min(1, free[device]))
        let twin = twin[row + device]
        if twin >= 0 { count = min(count, placed[row + Int(twin)]) }
        let load = loads[device]
        while count >= 0 {
            let newLoad = count == 0 ? load : load + Double(count) * share
            let time = (newLoad + Double(free[device] - count) * filler) * inverseSpeed[device]
            if count == 0 || time <= limit * (1 + 1e-13) {
                placed[row + device] = count
                loads[device] = newLoad
                free[device] -= count
                slotsLeft -= count
                spread(position, device + 1, left - count, share, filler)
                free[device] += count
                slotsLeft += count
                loads[device] = load
            }
            count -= 1
        }
    }

    /// Keeps the complete placement, and searches for better placements only.
    private mutating func keep() {
        guard slotsLeft == 0 else { return }
        var longest = 0.0
        for device in 0..<devices { longest = max(longest, loads[device] * inverseSpeed[device]) }
        guard longest < longestTime, longest <= limit * (1 + 1e-12) else { return }
        longestTime = longest
        for index in 0..<experts * devices { best[index] = placed[index] }
        if longest <= target * (1 + Self.precision) {
            early = .reachedTarget
        } else if !lower(longest * (1 - Self.precision)) {
            early = .optimal
        }
    }
}
