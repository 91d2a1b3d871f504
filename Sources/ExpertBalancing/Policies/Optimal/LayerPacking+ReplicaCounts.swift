extension LayerPacking {
    /// Gives one replica to each expert and each further replica to the expert with the heaviest replicas. With these
    /// counts, the largest share is as small as possible. No expert gets more replicas than there are devices with
    /// slots, unless duplicates are allowed. O((experts + slots) × log experts).
    func fillReplicas() {
        var hosts: Int32 = 0
        for device in 0..<devices where capacity(device) > 0 { hosts += 1 }
        let limit = allowsDuplicates ? Int32.max : hosts
        for expert in 0..<experts {
            replicas[expert] = 1
            shares[expert] = weights[expert]
            heap[expert] = HeapEntry(key: weights[expert], count: 1, index: Int32(truncatingIfNeeded: expert))
        }
        for index in stride(from: experts / 2 - 1, through: 0, by: -1) {
            heap.siftDown(index, experts, HeapEntry.isHeavier)
        }
        var open = experts
        for _ in experts..<slotCount {
            while open > 0, heap[0].count >= limit {
                open -= 1
                heap[0] = heap[open]
                heap.siftDown(0, open, HeapEntry.isHeavier)
            }
            if open == 0 { break }
            let expert = Int(heap[0].index)
            replicas[expert] += 1
            shares[expert] = weights[expert] / Double(replicas[expert])
            heap[0].key = shares[expert]
            heap[0].count += 1
            heap.siftDown(0, open, HeapEntry.isHeavier)
        }
    }
}
