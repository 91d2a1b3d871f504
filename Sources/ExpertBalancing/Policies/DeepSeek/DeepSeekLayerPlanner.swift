/// One layer at a time of DeepSeek's algorithm, on scratch that all layers share.
///
/// Loads are not negative, so the bits of a Float32 order as the number does: a key of weight and index in one UInt64
/// makes every comparison one instruction and every tie stable.
struct DeepSeekLayerPlanner: ~Copyable {
    private let experts: Int
    private let slots: Int
    private let groups: Int
    private let nodes: Int
    private let devices: Int
    private let weights: UnsafeMutableBufferPointer<Float>
    private let expertAt: UnsafeMutableBufferPointer<Int32>
    private let items: UnsafeMutableBufferPointer<Int32>
    private let itemRanks: UnsafeMutableBufferPointer<Int32>
    private let nodeCounts: UnsafeMutableBufferPointer<Int32>
    private let keys: UnsafeMutableBufferPointer<UInt64>
    private let spare: UnsafeMutableBufferPointer<UInt64>
    private let heap: UnsafeMutableBufferPointer<UInt64>
    private let packOf: UnsafeMutableBufferPointer<Int32>
    private let rankOf: UnsafeMutableBufferPointer<Int32>
    private let filled: UnsafeMutableBufferPointer<Int32>

    init(experts: Int, slots: Int, groups: Int, nodes: Int, devices: Int) {
        self.experts = experts
        self.slots = slots
        self.groups = groups
        self.nodes = nodes
        self.devices = devices
        let size = max(experts, slots, groups, devices)
        weights = .allocate(capacity: size)
        expertAt = .allocate(capacity: experts)
        items = .allocate(capacity: size)
        itemRanks = .allocate(capacity: size)
        nodeCounts = .allocate(capacity: size)
        keys = .allocate(capacity: size)
        spare = .allocate(capacity: size)
        heap = .allocate(capacity: size)
        packOf = .allocate(capacity: size)
        rankOf = .allocate(capacity: size)
        filled = .allocate(capacity: size)
    }

    deinit {
        weights.deallocate()
        expertAt.deallocate()
        items.deallocate()
        itemRanks.deallocate()
        nodeCounts.deallocate()
        keys.deallocate()
        spare.deallocate()
        heap.deallocate()
        packOf.deallocate()
        rankOf.deallocate()
        filled.deallocate()
    }

    /// Fills one layer's slots, the replica that each slot holds, and the number of replicas of each expert.
    mutating func plan(
        _ loads: UnsafeBufferPointer<Double>, slots result: UnsafeMutableBufferPointer<Int32>,
        ranks: UnsafeMutableBufferPointer<Int32>, counts: UnsafeMutableBufferPointer<Int32>
    ) {
        placeGroups(loads)
        let expertsPerNode = experts / nodes
        let slotsPerNode = slots / nodes
        let devicesPerNode = devices / nodes
        let slotsPerDevice = slots / devices
        for node in 0..<nodes {
            let firstExpert = node * expertsPerNode
            for index in 0..<expertsPerNode {
                weights[index] = Float(loads[Int(expertAt[firstExpert + index])]) + 0
            }
            replicate(expertsPerNode, into: slotsPerNode)
            pack(slotsPerNode, into: devicesPerNode)
            let firstSlot = node * slotsPerNode
            for item in 0..<slotsPerNode {
                let slot = firstSlot + Int(packOf[item]) * slotsPerDevice + Int(rankOf[item])
                result[slot] = expertAt[firstExpert + Int(items[item])]
                ranks[slot] = itemRanks[item]
            }
            for index in 0..<expertsPerNode { counts[Int(expertAt[firstExpert + index])] = nodeCounts[index] }
        }
    }

    /// Packs groups onto nodes: `expertAt` lists the experts node after node.
    private func placeGroups(_ loads: UnsafeBufferPointer<Double>) {
        let groupSize = experts / groups
        let groupsPerNode = groups / nodes
        for group in 0..<groups {
            var sum = 0.0
            for index in group * groupSize..<(group + 1) * groupSize { sum += Double(Float(loads[index])) }
            keys[group] = Self.descendingKey(Float(sum), group)
            weights[group] = Float(sum)
        }
        pack(groups, into: nodes)
        for group in 0..<groups {
            let start = (Int(packOf[group]) * groupsPerNode + Int(rankOf[group])) * groupSize
            for index in 0..<groupSize {
                expertAt[start + index] = Int32(truncatingIfNeeded: group * groupSize + index)
            }
        }
    }

    /// Gives each expert an item and each further item to the expert whose replicas are the heaviest, and leaves the
    /// sorting keys and, in `spare`'s place, nothing: weights of items follow from `keys`.
    private func replicate(_ count: Int, into total: Int) {
        for index in 0..<count {
            heap[index] =
                UInt64(weights[index].bitPattern) << 32 | UInt64(UInt32.max - UInt32(truncatingIfNeeded: index))
            items[index] = Int32(truncatingIfNeeded: index)
            itemRanks[index] = 0
            nodeCounts[index] = 1
        }
        if total > count {
            for index in stride(from: count / 2 - 1, through: 0, by: -1) {
                Self.siftDownLargest(heap, index, count)
            }
            for item in count..<total {
                let expert = Int(UInt32.max - UInt32(truncatingIfNeeded: heap[0]))
                items[item] = Int32(truncatingIfNeeded: expert)
                itemRanks[item] = nodeCounts[expert]
                nodeCounts[expert] += 1
                let share = weights[expert] / Float(nodeCounts[expert])
                heap[0] = UInt64(share.bitPattern) << 32 | UInt64(UInt32.max - UInt32(truncatingIfNeeded: expert))
                Self.siftDownLargest(heap, 0, count)
            }
        }
        for item in 0..<total {
            let expert = Int(items[item])
            keys[item] = Self.descendingKey(weights[expert] / Float(nodeCounts[expert]), item)
        }
    }

    /// Packs the items of `keys` into packs of equal size, the heaviest first into the lightest that is not full.
    private func pack(_ count: Int, into packs: Int) {
        let size = count / packs
        if size == 1 {
            for item in 0..<count {
                packOf[item] = Int32(truncatingIfNeeded: item)
                rankOf[item] = 0
            }
            return
        }
        UInt64Sorting.sortByUpperHalf(keys, spare, count)
        for pack in 0..<packs {
            heap[pack] = UInt64(pack)
            filled[pack] = 0
        }
        if packs <= 12 { return packByScan(count, packs, size) }
        var open = packs
        for position in 0..<count {
            let item = Int(UInt32(truncatingIfNeeded: keys[position]))
            let weight = Float(bitPattern: ~UInt32(truncatingIfNeeded: keys[position] >> 32))
            let top = heap[0]
            let pack = Int(UInt32(truncatingIfNeeded: top))
            packOf[item] = Int32(truncatingIfNeeded: pack)
            rankOf[item] = filled[pack]
            filled[pack] += 1
            if Int(filled[pack]) == size {
                open -= 1
                heap[0] = heap[open]
            } else {
                let sum = Float(bitPattern: UInt32(truncatingIfNeeded: top >> 32)) + weight
                heap[0] = UInt64(sum.bitPattern) << 32 | UInt64(pack)
            }
            Self.siftDownSmallest(heap, open)
        }
    }

    /// The same for few packs, where looking at all of them costs less than a heap; a full pack's key is the largest.
    private func packByScan(_ count: Int, _ packs: Int, _ size: Int) {
        for position in 0..<count {
            let item = Int(UInt32(truncatingIfNeeded: keys[position]))
            let weight = Float(bitPattern: ~UInt32(truncatingIfNeeded: keys[position] >> 32))
            var least = heap[0]
            for pack in 1..<max(packs, 1) { least = min(least, heap[pack]) }
            let pack = Int(UInt32(truncatingIfNeeded: least))
            packOf[item] = Int32(truncatingIfNeeded: pack)
            rankOf[item] = filled[pack]
            filled[pack] += 1
            let sum = Float(bitPattern: UInt32(truncatingIfNeeded: least >> 32)) + weight
            heap[pack] = Int(filled[pack]) == size ? UInt64.max : UInt64(sum.bitPattern) << 32 | UInt64(pack)
        }
    }

    @inline(__always)
    private static func descendingKey(_ weight: Float, _ index: Int) -> UInt64 {
        UInt64(~weight.bitPattern) << 32 | UInt64(UInt32(truncatingIfNeeded: index))
    }

    @inline(__always)
    private static func siftDownLargest(_ heap: UnsafeMutableBufferPointer<UInt64>, _ start: Int, _ count: Int) {
        let key = heap[start]
        var hole = start
        while true {
            var child = 2 * hole + 1
            guard child < count else { break }
            if child + 1 < count, heap[child + 1] > heap[child] { child += 1 }
            guard heap[child] > key else { break }
            heap[hole] = heap[child]
            hole = child
        }
        heap[hole] = key
    }

    @inline(__always)
    private static func siftDownSmallest(_ heap: UnsafeMutableBufferPointer<UInt64>, _ count: Int) {
        guard count > 0 else { return }
        let key = heap[0]
        var hole = 0
        while true {
            var child = 2 * hole + 1
            guard child < count else { break }
            if child + 1 < count, heap[child + 1] < heap[child] { child += 1 }
            guard heap[child] < key else { break }
            heap[hole] = heap[child]
            hole = child
        }
        heap[hole] = key
    }
}
