extension LayerPacking {
    /// Lists the replicas in order of share, the heaviest first. Ties are in order of expert. O(slots).
    func listItems() {
        sortKeys(by: shares)
        // Different shares may have equal Float32 keys. An insertion pass sorts them exactly.
        for position in stride(from: 1, to: experts, by: 1) {
            let key = keys[position]
            let share = shares[UInt64Sorting.index(of: key)]
            var hole = position
            while hole > 0, shares[UInt64Sorting.index(of: keys[hole - 1])] < share {
                keys[hole] = keys[hole - 1]
                hole -= 1
            }
            keys[hole] = key
        }
        var item = 0
        for position in 0..<experts {
            let expert = UInt64Sorting.index(of: keys[position])
            order[position] = Int32(truncatingIfNeeded: expert)
            for _ in 0..<replicas[expert] {
                itemShare[item] = shares[expert]
                itemExpert[item] = Int32(truncatingIfNeeded: expert)
                item += 1
            }
        }
    }

    /// Puts the listed replicas on devices, the heaviest first. Each expert's replicas go to different devices, the
    /// least loaded ones with a free slot. O(slots × log devices).
    func pack() {
        clearDevices()
        var open = 0
        for device in 0..<devices where capacity(device) > 0 {
            heap[open] = HeapEntry(key: 0, count: 0, index: Int32(truncatingIfNeeded: device))
            open += 1
        }
        var item = 0
        while item < slotCount {
            let expert = itemExpert[item]
            let count = Int(replicas[Int(expert)])
            if count == 1 || allowsDuplicates {
                place(item, on: Int(heap[0].index))
                item += 1
                refreshTop(&open)
                continue
            }
            guard count <= open else { return packMostConstrainedFirst() }
            for position in 0..<count {
                taken[position] = heap[0]
                open -= 1
                heap[0] = heap[open]
                heap.siftDown(0, open, HeapEntry.isLighter)
            }
            for position in 0..<count {
                let device = Int(taken[position].index)
                place(item, on: device)
                item += 1
                if filled[device] < capacity(device) {
                    heap[open] = HeapEntry(key: time(device), count: 0, index: taken[position].index)
                    heap.siftUp(open, HeapEntry.isLighter)
                    open += 1
                }
            }
        }
    }

    func clearDevices() {
        for device in 0..<devices {
            loads[device] = 0
            filled[device] = 0
        }
    }

    /// Updates the heap after its first device has received a replica.
    @inline(__always) private func refreshTop(_ open: inout Int) {
        let device = Int(heap[0].index)
        if filled[device] < capacity(device) {
            heap[0].key = time(device)
        } else {
            open -= 1
            heap[0] = heap[open]
        }
        heap.siftDown(0, open, HeapEntry.isLighter)
    }

    /// Puts a replica into the next free slot of a device.
    @inline(__always) func place(_ item: Int, on device: Int) {
        let slot = offsets[device] + filled[device]
        slots[Int(slot)] = Int32(truncatingIfNeeded: item)
        itemDevice[item] = Int32(truncatingIfNeeded: device)
        itemSlot[item] = slot
        filled[device] += 1
        loads[device] += itemShare[item]
    }

    /// Packs the experts with the most replicas first, onto the devices with the most free slots. By the theorem of
    /// Gale and Ryser, this finds a packing without duplicates if there is one.
    private func packMostConstrainedFirst() {
        clearDevices()
        var order: [Int] = []
        var item = 0
        while item < slotCount {
            order.append(item)
            item += Int(replicas[Int(itemExpert[item])])
        }
        order.sort {
            let a = replicas[Int(itemExpert[$0])]
            let b = replicas[Int(itemExpert[$1])]
            return a != b ? a > b : $0 < $1
        }
        for first in order {
            var open = 0
            for replica in 0..<Int(replicas[Int(itemExpert[first])]) {
                // If the counts fit on no devices without duplicates, an expert goes to a device again.
                if open == 0 { open = listOpenDevices() }
                place(first + replica, on: Int(heap[0].index))
                open -= 1
                heap[0] = heap[open]
                heap.siftDown(0, open, HeapEntry.hasMoreRoom)
            }
        }
    }

    /// Lists the devices with free slots in ``heap``, the one with the most free slots first, and returns their number.
    private func listOpenDevices() -> Int {
        var open = 0
        for device in 0..<devices where filled[device] < capacity(device) {
            heap[open] = HeapEntry(
                key: time(device), count: capacity(device) - filled[device], index: Int32(truncatingIfNeeded: device))
            open += 1
        }
        for index in stride(from: open / 2 - 1, through: 0, by: -1) {
            heap.siftDown(index, open, HeapEntry.hasMoreRoom)
        }
        return open
    }
}
