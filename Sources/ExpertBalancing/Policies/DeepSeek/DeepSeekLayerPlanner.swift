/// Plans one layer at a time by DeepSeek's algorithm, on scratch memory that all layers share. The memory is one buffer
/// per column.
///
/// Loads are not negative, so the bits of a Float32 have the same order as the number. A UInt64 key of weight and index
/// makes every comparison one instruction and every tie stable. The heaps are hand-written because `Heap` of
/// swift-collections takes 1.9 to 2.1 times as long for the replacements of a packing (2 µs of the 13 µs per layer).
struct DeepSeekLayerPlanner: ~Copyable {
    /// The largest number of packs that are scanned for the lightest pack instead of kept in a heap; a multiple of
    /// four.
    private static let fewPacks = 12
    private static let leastNormal = Double.leastNormalMagnitude.bitPattern

    private let experts: Int
    private let slots: Int
    private let groups: Int
    private let nodes: Int
    private let devices: Int
    /// The expert of each slot in the last plan.
    let slotExperts: ScratchBuffer<Int32>
    /// The index of each slot's replica among the replicas of its expert in the last plan.
    let slotRanks: ScratchBuffer<Int32>
    /// The number of replicas of each expert in the last plan.
    let replicaCounts: ScratchBuffer<Int32>
    private let weights: ScratchBuffer<Float>
    private let expertAt: ScratchBuffer<Int32>
    private let items: ScratchBuffer<Int32>
    private let itemRanks: ScratchBuffer<Int32>
    private let nodeCounts: ScratchBuffer<Int32>
    private let keys: ScratchBuffer<UInt64>
    private let spare: ScratchBuffer<UInt64>
    private let heap: ScratchBuffer<UInt64>
    private let packOf: ScratchBuffer<Int32>
    private let rankOf: ScratchBuffer<Int32>
    private let filled: ScratchBuffer<Int32>
    private let packKeys: ScratchBuffer<Double>

    init(experts: Int, slots: Int, groups: Int, nodes: Int, devices: Int) {
        self.experts = experts
        self.slots = slots
        self.groups = groups
        self.nodes = nodes
        self.devices = devices
        let size = max(experts, slots, groups, devices, Self.fewPacks)
        slotExperts = ScratchBuffer(slots)
        slotRanks = ScratchBuffer(slots)
        replicaCounts = ScratchBuffer(experts)
        weights = ScratchBuffer(size)
        expertAt = ScratchBuffer(experts)
        items = ScratchBuffer(size)
        itemRanks = ScratchBuffer(size)
        nodeCounts = ScratchBuffer(size)
        keys = ScratchBuffer(size)
        spare = ScratchBuffer(size)
        heap = ScratchBuffer(size)
        packOf = ScratchBuffer(size)
        rankOf = ScratchBuffer(size)
        filled = ScratchBuffer(size)
        packKeys = ScratchBuffer(Self.fewPacks)
    }

    /// Plans one layer.
    func plan(_ loads: UnsafeBufferPointer<Double>) {
        placeGroups(loads)
        let expertsPerNode = experts / nodes
        let slotsPerNode = slots / nodes
        let devicesPerNode = devices / nodes
        let slotsPerDevice = slots / devices
        for node in 0..<nodes {
            let firstExpert = node * expertsPerNode
            for index in 0..<expertsPerNode { weights[index] = Float(loads[Int(expertAt[firstExpert + index])]) + 0 }
            replicate(expertsPerNode, into: slotsPerNode)
            pack(slotsPerNode, into: devicesPerNode)
            let firstSlot = node * slotsPerNode
            for item in 0..<slotsPerNode {
                let slot = firstSlot + Int(packOf[item]) * slotsPerDevice + Int(rankOf[item])
                slotExperts[slot] = expertAt[firstExpert + Int(items[item])]
                slotRanks[slot] = itemRanks[item]
            }
            for index in 0..<expertsPerNode { replicaCounts[Int(expertAt[firstExpert + index])] = nodeCounts[index] }
        }
    }

    /// Packs groups onto nodes. Afterwards, `expertAt` lists the experts node after node.
    private func placeGroups(_ loads: UnsafeBufferPointer<Double>) {
        let groupSize = experts / groups
        let groupsPerNode = groups / nodes
        for group in 0..<groups {
            var sum = 0.0
            for index in group * groupSize..<(group + 1) * groupSize { sum += Double(Float(loads[index])) }
            keys[group] = UInt64Sorting.descendingKey(Float(sum), group)
            weights[group] = Float(sum)
        }
        if groups > nodes { UInt64Sorting.sortByUpperHalf(keys.elements, spare.elements, groups) }
        pack(groups, into: nodes)
        for group in 0..<groups {
            let start = (Int(packOf[group]) * groupsPerNode + Int(rankOf[group])) * groupSize
            for index in 0..<groupSize {
                expertAt[start + index] = Int32(truncatingIfNeeded: group * groupSize + index)
            }
        }
    }

    /// Gives one item to each expert and each further item to the expert with the heaviest replicas. Sorts the items
    /// into `keys`, the heaviest first.
    ///
    /// Only the heaviest experts get further replicas. After the experts are sorted, the heap holds only the experts
    /// with further replicas, and only their items are sorted again.
    private func replicate(_ count: Int, into total: Int) {
        for index in 0..<count {
            keys[index] = UInt64Sorting.descendingKey(weights[index], index)
            items[index] = Int32(truncatingIfNeeded: index)
            itemRanks[index] = 0
            nodeCounts[index] = 1
        }
        if total == count {
            if total > devices / nodes { UInt64Sorting.sortByUpperHalf(keys.elements, spare.elements, count) }
            return
        }
        UInt64Sorting.sortByUpperHalf(keys.elements, spare.elements, count)
        var replicated = 0
        for item in count..<total {
            // The heap keeps complements of keys, the largest first: the largest weight, then the lowest index.
            let isNew = replicated < count && (replicated == 0 || ~keys[replicated] > heap[0])
            let top = isNew ? ~keys[replicated] : heap[0]
            let expert = Int(~UInt32(truncatingIfNeeded: top))
            items[item] = Int32(truncatingIfNeeded: expert)
            itemRanks[item] = nodeCounts[expert]
            nodeCounts[expert] += 1
            let share = weights[expert] / Float(nodeCounts[expert])
            let key = ~UInt64Sorting.descendingKey(share, expert)
            if isNew {
                heap[replicated] = key
                heap.siftUp(replicated, >)
                replicated += 1
            } else {
                heap[0] = key
                heap.siftDown(0, replicated, >)
            }
        }
        guard total > devices / nodes else { return }
        mergeReplicas(replicated, count, total)
    }

    /// Sorts the items of the first `replicated` experts of `keys` and merges them with the other items, which are
    /// sorted already.
    private func mergeReplicas(_ replicated: Int, _ count: Int, _ total: Int) {
        var changed = 0
        for item in 0..<total {
            let expert = Int(items[item])
            guard nodeCounts[expert] > 1 else { continue }
            heap[changed] = UInt64Sorting.descendingKey(weights[expert] / Float(nodeCounts[expert]), item)
            changed += 1
        }
        UInt64Sorting.sortByUpperHalf(heap.elements, spare.elements, changed)
        let kept = count - replicated
        for position in 0..<kept { spare[position] = keys[replicated + position] }
        var nextKept = 0
        var nextChanged = 0
        for position in 0..<total {
            let isKept = nextChanged == changed || (nextKept < kept && spare[nextKept] < heap[nextChanged])
            keys[position] = isKept ? spare[nextKept] : heap[nextChanged]
            nextKept += isKept ? 1 : 0
            nextChanged += isKept ? 0 : 1
        }
    }

    /// Packs the sorted items of `keys` into packs of equal size. Each item, the heaviest first, goes into the lightest
    /// pack that is not full.
    private func pack(_ count: Int, into packs: Int) {
        let size = count / packs
        if size == 1 {
            for item in 0..<count {
                packOf[item] = Int32(truncatingIfNeeded: item)
                rankOf[item] = 0
            }
            return
        }
        if packs <= Self.fewPacks { return packByScan(count, packs, size) }
        for pack in 0..<packs {
            heap[pack] = UInt64(pack)
            filled[pack] = 0
        }
        var open = packs
        for position in 0..<count {
            let item = UInt64Sorting.index(of: keys[position])
            let weight = Float(bitPattern: ~UInt32(truncatingIfNeeded: keys[position] >> 32))
            let top = heap[0]
            let pack = UInt64Sorting.index(of: top)
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
            heap.siftDown(0, open, <)
        }
    }

    /// Packs like ``pack(_:into:)``, for few packs, for which a scan of all packs takes less time than a heap.
    ///
    /// The keys are compared as Doubles with the same bits, because the processor has a vector minimum for Doubles and
    /// their order is the same. Adding 1 to the exponent avoids subnormal numbers, which the processor treats as zero
    /// if the caller's process has turned that mode on.
    private func packByScan(_ count: Int, _ packs: Int, _ size: Int) {
        for pack in 0..<Self.fewPacks {
            packKeys[pack] = pack < packs ? Double(bitPattern: Self.leastNormal + UInt64(pack)) : .infinity
            filled[pack] = 0
        }
        for position in 0..<count {
            let item = UInt64Sorting.index(of: keys[position])
            let weight = Float(bitPattern: ~UInt32(truncatingIfNeeded: keys[position] >> 32))
            var least = (packKeys[0], packKeys[1], packKeys[2], packKeys[3])
            for pack in stride(from: 4, to: packs, by: 4) {
                least.0 = min(least.0, packKeys[pack])
                least.1 = min(least.1, packKeys[pack + 1])
                least.2 = min(least.2, packKeys[pack + 2])
                least.3 = min(least.3, packKeys[pack + 3])
            }
            let key = min(min(least.0, least.1), min(least.2, least.3)).bitPattern - Self.leastNormal
            let pack = UInt64Sorting.index(of: key)
            packOf[item] = Int32(truncatingIfNeeded: pack)
            rankOf[item] = filled[pack]
            filled[pack] += 1
            let sum = Float(bitPattern: UInt32(truncatingIfNeeded: key >> 32)) + weight
            let next = Double(bitPattern: Self.leastNormal + (UInt64(sum.bitPattern) << 32 | UInt64(pack)))
            packKeys[pack] = Int(filled[pack]) == size ? .infinity : next
        }
    }
}
