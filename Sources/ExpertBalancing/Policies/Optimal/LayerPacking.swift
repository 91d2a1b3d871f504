/// A packing of one layer's replicas onto one set of devices, improved in place, on scratch memory that all layers
/// share. The memory is one buffer per column.
///
/// A *replica* or item is a row of `itemShare`, `itemExpert` and `itemDevice`. The rows are sorted by share, the
/// heaviest first. A device holds the replicas that `slots` lists between the device's offsets. Loads are in tokens,
/// times are loads divided by speeds, and the search lowers the longest time.
struct LayerPacking: ~Copyable {
    let experts: Int
    let devices: Int
    let slotCount: Int
    /// Whether a device may hold an expert twice. This is always so if a device has more slots than there are experts.
    let allowsDuplicates: Bool

    let weights: ScratchBuffer<Double>
    let replicas: ScratchBuffer<Int32>
    let shares: ScratchBuffer<Double>
    let offsets: ScratchBuffer<Int32>
    let deviceOfSlot: ScratchBuffer<Int32>
    let risingTime: ScratchBuffer<Double>
    let inverseSpeed: ScratchBuffer<Double>
    let loads: ScratchBuffer<Double>
    let filled: ScratchBuffer<Int32>
    let slots: ScratchBuffer<Int32>
    /// The experts, the heaviest share first.
    let order: ScratchBuffer<Int32>
    let itemShare: ScratchBuffer<Double>
    let itemExpert: ScratchBuffer<Int32>
    let itemDevice: ScratchBuffer<Int32>
    let itemSlot: ScratchBuffer<Int32>
    let keys: ScratchBuffer<UInt64>
    let spare: ScratchBuffer<UInt64>
    let heap: ScratchBuffer<HeapEntry>
    let taken: ScratchBuffer<HeapEntry>
    /// A saved packing, to restore if a change of replica counts does not help.
    let keptExpert: ScratchBuffer<Int32>
    let keptSlot: ScratchBuffer<Int32>
    let keptCounts: ScratchBuffer<Int32>
    /// A tournament tree of devices. The winner, at index 1, has the longest time.
    let longestOf: ScratchBuffer<Int32>
    /// A tournament tree of the devices with slots. The winner, at index 1, has the shortest time.
    let shortestOf: ScratchBuffer<Int32>
    let treeWidth: Int

    /// An entry of a heap: a key and the index of an expert or device.
    struct HeapEntry {
        var key: Double
        var count: Int32
        var index: Int32

        @inline(__always) static func isHeavier(_ a: HeapEntry, _ b: HeapEntry) -> Bool {
            a.key != b.key ? a.key > b.key : a.count != b.count ? a.count < b.count : a.index < b.index
        }

        @inline(__always) static func isLighter(_ a: HeapEntry, _ b: HeapEntry) -> Bool {
            a.key != b.key ? a.key < b.key : a.index < b.index
        }

        /// Whether a device has more free slots than another, or as many and a shorter time.
        @inline(__always) static func hasMoreRoom(_ a: HeapEntry, _ b: HeapEntry) -> Bool {
            a.count != b.count ? a.count > b.count : isLighter(a, b)
        }
    }

    init(
        experts: Int, slotsPerDevice: ArraySlice<Int>, speeds: ArraySlice<Double>, allowsDuplicates: Bool = false
    ) {
        self.experts = experts
        devices = slotsPerDevice.count
        let slotCount = slotsPerDevice.reduce(0, +)
        self.slotCount = slotCount
        self.allowsDuplicates = allowsDuplicates || slotsPerDevice.contains { $0 > experts }
        let size = max(slotCount, experts, slotsPerDevice.count) + 1
        weights = ScratchBuffer(experts)
        replicas = ScratchBuffer(experts)
        shares = ScratchBuffer(experts)
        offsets = ScratchBuffer(slotsPerDevice.count + 1)
        inverseSpeed = ScratchBuffer(slotsPerDevice.count)
        loads = ScratchBuffer(slotsPerDevice.count)
        filled = ScratchBuffer(slotsPerDevice.count)
        slots = ScratchBuffer(size)
        order = ScratchBuffer(experts)
        itemShare = ScratchBuffer(size)
        itemExpert = ScratchBuffer(size)
        itemDevice = ScratchBuffer(size)
        itemSlot = ScratchBuffer(size)
        keys = ScratchBuffer(size)
        spare = ScratchBuffer(size)
        heap = ScratchBuffer(size)
        taken = ScratchBuffer(size)
        keptExpert = ScratchBuffer(size)
        keptSlot = ScratchBuffer(size)
        keptCounts = ScratchBuffer(size)
        deviceOfSlot = ScratchBuffer(size)
        risingTime = ScratchBuffer(experts)
        treeWidth = 1 << (Int.bitWidth - max(slotsPerDevice.count - 1, 0).leadingZeroBitCount)
        longestOf = ScratchBuffer(2 * treeWidth)
        shortestOf = ScratchBuffer(2 * treeWidth)
        offsets[0] = 0
        for (device, slots) in slotsPerDevice.enumerated() {
            offsets[device + 1] = offsets[device] + Int32(truncatingIfNeeded: slots)
            for slot in Int(offsets[device])..<Int(offsets[device + 1]) {
                deviceOfSlot[slot] = Int32(truncatingIfNeeded: device)
            }
        }
        for (device, speed) in speeds.enumerated() { inverseSpeed[device] = 1 / speed }
    }

    @inline(__always) func time(_ device: Int) -> Double { loads[device] * inverseSpeed[device] }

    /// Returns the longest time of any device. O(devices).
    func longestTime() -> Double {
        var longest = 0.0
        for device in 0..<devices { longest = max(longest, time(device)) }
        return longest
    }

    /// Sorts the experts into ``keys`` by their values as Float32, the largest first. O(experts).
    @inline(__always) func sortKeys(by values: borrowing ScratchBuffer<Double>) {
        for expert in 0..<experts { keys[expert] = UInt64Sorting.descendingKey(Float(values[expert]), expert) }
        UInt64Sorting.sortByUpperHalf(keys.elements, spare.elements, experts)
    }

    @inline(__always) func capacity(_ device: Int) -> Int32 { offsets[device + 1] - offsets[device] }

    /// Whether a device holds a replica of an expert. O(slots of the device).
    @inline(__always) func holds(_ device: Int, _ expert: Int32) -> Bool {
        for slot in Int(offsets[device])..<Int(offsets[device] + filled[device])
        where itemExpert[Int(slots[slot])] == expert { return true }
        return false
    }

    /// Writes the expert of each slot. The experts of a device ascend.
    func write(_ result: UnsafeMutableBufferPointer<Int32>) {
        for device in 0..<devices {
            let start = Int(offsets[device])
            for slot in start..<Int(offsets[device + 1]) {
                let expert = itemExpert[Int(slots[slot])]
                var hole = slot
                while hole > start, result[hole - 1] > expert {
                    result[hole] = result[hole - 1]
                    hole -= 1
                }
                result[hole] = expert
            }
        }
    }
}
