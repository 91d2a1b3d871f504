/// The alignment of two sequences of which either may lack elements of the other.
package enum SequenceAlignment {
    /// The largest product of the lengths of two sequences that are compared, without their common ends. It limits the
    /// memory for a comparison to a few megabytes.
    private static let maximumProduct = 1 << 22

    /// Returns, for each index of `first`, the index of its partner in `second`; -1 if the partner is not certain.
    ///
    /// A longest common subsequence is found from the front, and one from the back. Partners that both agree on are
    /// certain: of `AAAA` and `AAA`, no element has a certain partner, since any `A` may be the missing one. O(n + m)
    /// for equal sequences; otherwise O((n + m) d) for d differences, as for `difference(from:)`. Sequences with many
    /// differences, whose lengths without common ends have a product above 2^22, are only matched at their ends.
    package static func certainPartners(_ first: [Int64], _ second: [Int64]) -> [Int] {
        if first == second { return Array(first.indices) }
        let forward = partners(first, second)
        let backward = partners(first.reversed(), second.reversed())
        return forward.indices.map { index in
            let mirrored = backward[first.count - 1 - index]
            return mirrored >= 0 && second.count - 1 - mirrored == forward[index] ? forward[index] : -1
        }
    }

    /// Returns, for each index of `first`, the index of the element of `second` with the same number; -1 if there is
    /// none, or if a number does not occur equally often in both. Of equal numbers, the k-th are partners. O(n + m).
    static func partners(byNumber first: [Int64], _ second: [Int64]) -> [Int] {
        let indices = Dictionary(grouping: second.indices) { second[$0] }
        let counts = first.reduce(into: [Int64: Int]()) { $0[$1, default: 0] += 1 }
        var seen: [Int64: Int] = [:]
        return first.map { number in
            guard let own = indices[number], own.count == counts[number] else { return -1 }
            defer { seen[number, default: 0] += 1 }
            return own[seen[number] ?? 0]
        }
    }

    /// The partners in one longest common subsequence, which prefers elements at the front.
    private static func partners(_ first: [Int64], _ second: [Int64]) -> [Int] {
        var partners = [Int](repeating: -1, count: first.count)
        var front = 0
        while front < min(first.count, second.count), first[front] == second[front] {
            partners[front] = front
            front += 1
        }
        var ends = (first.count, second.count)
        while ends.0 > front, ends.1 > front, first[ends.0 - 1] == second[ends.1 - 1] {
            ends = (ends.0 - 1, ends.1 - 1)
            partners[ends.0] = ends.1
        }
        let (left, right) = (first[front..<ends.0], second[front..<ends.1])
        guard !left.isEmpty, !right.isEmpty, left.count * right.count <= maximumProduct else { return partners }
        var removed = [Bool](repeating: false, count: left.count)
        var inserted = [Bool](repeating: false, count: right.count)
        for change in Array(right).difference(from: Array(left)) {
            switch change {
            case .remove(let offset, _, _): removed[offset] = true
            case .insert(let offset, _, _): inserted[offset] = true
            }
        }
        let kept = right.indices.filter { !inserted[$0 - right.startIndex] }
        for (index, partner) in zip(left.indices.filter { !removed[$0 - left.startIndex] }, kept) {
            partners[index] = partner
        }
        return partners
    }
}
