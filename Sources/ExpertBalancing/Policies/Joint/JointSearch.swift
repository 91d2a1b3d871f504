import Algorithms

/// The search of ``JointPolicy`` for one layer at a time.
struct JointSearch {
    private let deviceOfSlot: [Int]
    private let offsets: [Int]
    private let inverseSpeed: [Double]
    private let experts: Int
    private let workloads: Int
    private let objective: JointPolicy.Objective
    private let allowsDuplicates: Bool

    /// The expert of each slot.
    private(set) var slots: [Int32] = []
    /// The loads: `workloads × experts`.
    private var weights: [Double]
    /// The loads divided by the number of replicas: `workloads × experts`.
    private var shares: [Double]
    private var replicas: [Int]
    /// The time of each device: `workloads × devices`.
    private var times: [Double]
    /// The three devices with the longest times for each workload, the longest first: `workloads × 3`.
    private var longestDevices: [Int]

    init(world: DeviceWorld, experts: Int, workloads: Int, objective: JointPolicy.Objective) {
        self.experts = experts
        self.workloads = workloads
        self.objective = objective
        offsets = world.deviceOffsets
        inverseSpeed = world.speeds.map { 1 / $0 }
        deviceOfSlot = world.slotsPerDevice.enumerated().flatMap { [Int](repeating: $0.offset, count: $0.element) }
        allowsDuplicates = world.slotsPerDevice.contains { $0 > experts }
        weights = [Double](repeating: 0, count: workloads * experts)
        shares = weights
        replicas = [Int](repeating: 0, count: experts)
        times = [Double](repeating: 0, count: workloads * world.deviceCount)
        longestDevices = [Int](repeating: 0, count: 3 * workloads)
    }

    private var devices: Int { inverseSpeed.count }

    /// Starts from a layer's slots and one row of loads per workload.
    mutating func begin(_ slots: ArraySlice<Int32>, _ loads: [ArraySlice<Double>]) {
        self.slots = Array(slots)
        for expert in 0..<experts { replicas[expert] = 0 }
        for expert in slots { replicas[Int(expert)] += 1 }
        for (workload, row) in loads.enumerated() {
            for (expert, load) in row.enumerated() {
                weights[workload * experts + expert] = load
                shares[workload * experts + expert] = load / Double(replicas[expert])
            }
        }
        addUp()
    }

    /// Computes the times of all devices.
    private mutating func addUp() {
        for index in times.indices { times[index] = 0 }
        for (slot, expert) in slots.enumerated() {
            let device = deviceOfSlot[slot]
            for workload in 0..<workloads {
                times[workload * devices + device] += shares[workload * experts + Int(expert)] * inverseSpeed[device]
            }
        }
        rank()
    }

    /// Finds the three devices with the longest times for each workload.
    private mutating func rank() {
        for workload in 0..<workloads {
            var top = (-1, -1, -1)
            func time(_ device: Int) -> Double { device < 0 ? -1 : times[workload * devices + device] }
            for device in 0..<devices {
                let own = time(device)
                if own > time(top.0) {
                    top = (device, top.0, top.1)
                } else if own > time(top.1) {
                    top = (top.0, device, top.1)
                } else if own > time(top.2) {
                    top.2 = device
                }
            }
            longestDevices[3 * workload] = top.0
            longestDevices[3 * workload + 1] = top.1
            longestDevices[3 * workload + 2] = top.2
        }
    }

    /// Returns the longest time of a workload on all devices but `a` and `b`.
    private func longest(_ workload: Int, without a: Int, _ b: Int) -> Double {
        for position in 0..<3 {
            let device = longestDevices[3 * workload + position]
            if device >= 0, device != a, device != b { return times[workload * devices + device] }
        }
        return 0
    }

    /// Returns the objective, given the longest time of each workload.
    private func value(_ longest: (Int) -> Double) -> Double {
        var result = 0.0
        for workload in 0..<workloads { add(longest(workload), to: &result) }
        return result
    }

    @inline(__always) private func add(_ longest: Double, to value: inout Double) {
        value = objective == .worst ? max(value, longest) : value + longest
    }

    /// The objective of the present slots.
    var value: Double { value { times[$0 * devices + longestDevices[3 * $0]] } }

    /// Makes the best swap, or the best reassignment if no swap helps, until neither helps.
    mutating func improve() {
        for _ in 0..<4 * slots.count {
            let now = value
            guard now > 0, swapBest(below: now) || reassignBest(below: now) else { return }
        }
    }

    /// The devices whose times determine the objective.
    private var critical: [Int] {
        let order = (0..<workloads).sorted {
            let a = times[$0 * devices + longestDevices[3 * $0]]
            let b = times[$1 * devices + longestDevices[3 * $1]]
            return a != b ? a > b : $0 < $1
        }
        return Array((objective == .worst ? order.prefix(1) : order[...]).map { longestDevices[3 * $0] }.uniqued())
    }

    private func holds(_ device: Int, _ expert: Int32) -> Bool {
        for slot in offsets[device]..<offsets[device + 1] where slots[slot] == expert { return true }
        return false
    }

    /// Makes the swap with the least objective. Returns false if no swap lowers the objective below `now`.
    private mutating func swapBest(below now: Double) -> Bool {
        var best = now * (1 - 1e-9)
        var pair = (-1, -1)
        for device in critical {
            for own in offsets[device]..<offsets[device + 1] {
                for other in slots.indices where deviceOfSlot[other] != device && slots[other] != slots[own] {
                    let result = valueOfSwapping(own, on: device, other, on: deviceOfSlot[other], limit: best)
                    guard result < best else { continue }
                    if allowsDuplicates || (!holds(device, slots[other]) && !holds(deviceOfSlot[other], slots[own])) {
                        best = result
                        pair = (own, other)
                    }
                }
            }
        }
        guard pair.0 >= 0 else { return false }
        slots.swapAt(pair.0, pair.1)
        addUp()
        return true
    }

    /// Returns the objective after a swap of the slots `own` and `other`; if it is at least `limit`, any value of at
    /// least `limit`.
    private func valueOfSwapping(
        _ own: Int, on device: Int, _ other: Int, on partner: Int, limit: Double
    ) -> Double {
        let (given, taken) = (Int(slots[own]), Int(slots[other]))
        var result = 0.0
        for workload in 0..<workloads {
            let shift = shares[workload * experts + given] - shares[workload * experts + taken]
            let time = max(
                times[workload * devices + device] - shift * inverseSpeed[device],
                times[workload * devices + partner] + shift * inverseSpeed[partner],
                longest(workload, without: device, partner))
            add(time, to: &result)
            if result >= limit { break }
        }
        return result
    }

    /// Gives a slot of an expert with other replicas to an expert of a critical device, so that the objective is least.
    /// Returns false if no reassignment lowers the objective below `now`.
    private mutating func reassignBest(below now: Double) -> Bool {
        var best = now * (1 - 1e-9)
        var reassignment = (-1, Int32(-1))
        for device in critical {
            for expert in slots[offsets[device]..<offsets[device + 1]] {
                for slot in slots.indices where deviceOfSlot[slot] != device {
                    let given = slots[slot]
                    guard given != expert, replicas[Int(given)] > 1,
                        allowsDuplicates || !holds(deviceOfSlot[slot], expert)
                    else { continue }
                    let result = valueOfReassigning(slot, to: expert, limit: best)
                    if result < best {
                        best = result
                        reassignment = (slot, expert)
                    }
                }
            }
        }
        guard reassignment.0 >= 0 else { return false }
        let given = Int(slots[reassignment.0])
        slots[reassignment.0] = reassignment.1
        replicas[given] -= 1
        replicas[Int(reassignment.1)] += 1
        for workload in 0..<workloads {
            for changed in [given, Int(reassignment.1)] {
                shares[workload * experts + changed] = weights[workload * experts + changed] / Double(replicas[changed])
            }
        }
        addUp()
        return true
    }

    /// Returns the objective after `slot` goes to `expert`; if it is at least `limit`, any value of at least `limit`.
    private func valueOfReassigning(_ slot: Int, to expert: Int32, limit: Double) -> Double {
        let given = slots[slot]
        var result = 0.0
        for workload in 0..<workloads {
            let row = workload * experts
            let rise = weights[row + Int(given)] / Double(replicas[Int(given)] - 1) - shares[row + Int(given)]
            let share = weights[row + Int(expert)] / Double(replicas[Int(expert)] + 1)
            let fall = share - shares[row + Int(expert)]
            var longest = 0.0
            for device in 0..<devices {
                var time = times[workload * devices + device]
                // Only a device that could have the longest time is computed exactly.
                guard device == deviceOfSlot[slot] || time + rise * inverseSpeed[device] > longest else { continue }
                for own in offsets[device]..<offsets[device + 1] {
                    if own == slot {
                        time += (share - shares[row + Int(given)]) * inverseSpeed[device]
                    } else if slots[own] == given {
                        time += rise * inverseSpeed[device]
                    } else if slots[own] == expert {
                        time += fall * inverseSpeed[device]
                    }
                }
                longest = max(longest, time)
            }
            add(longest, to: &result)
            if result >= limit { return result }
        }
        return result
    }
}
