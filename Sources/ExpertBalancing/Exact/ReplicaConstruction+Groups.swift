extension ReplicaConstruction {
    /// The most sources, and the most receivers, of a group.
    private static var sideLimit: Int { 3 }

    /// A group of sources and of the receivers that take their surplus.
    private struct Group {
        /// The room of the receivers that stays unused.
        var waste = Int.max
        /// The positions in the orders of sources and of receivers; -1 for none.
        var sources = InlineArray<3, Int>(repeating: -1)
        var receivers = InlineArray<3, Int>(repeating: -1)
    }

    /// Finishes groups of up to `largest` ranks that leave little room unused, the smallest groups first.
    ///
    /// A group of n ranks needs n - 1 replicas, so that each further group saves a replica. The groups share the room that
    /// may stay unused. O(sources × (receivers² + sources × receivers)) for groups of four ranks.
    mutating func finishGroups(upTo largest: Int) {
        orderOpen()
        var unused = spare
        for size in stride(from: 2, through: largest, by: 1) {
            var position = openSources - 1
            while position >= 0 {
                if position < openSources {
                    let group = bestGroup(size, position)
                    if group.waste <= unused / openSources {
                        unused -= group.waste
                        finish(group)
                    }
                }
                position -= 1
            }
        }
    }

    /// Lists the sources by surplus and the receivers by room, ascending.
    private mutating func orderOpen() {
        openSources = 0
        openReceivers = 0
        for source in 0..<sourceCount where sources[source].surplus > 0 {
            var hole = openSources
            while hole > 0, sources[Int(sourceOrder[hole - 1])].surplus > sources[source].surplus {
                sourceOrder[hole] = sourceOrder[hole - 1]
                hole -= 1
            }
            sourceOrder[hole] = Int32(truncatingIfNeeded: source)
            openSources += 1
        }
        for receiver in 0..<receiverCount where receivers[receiver].room > 0 && receivers[receiver].slots > 0 {
            var hole = openReceivers
            while hole > 0, rooms[hole - 1] > receivers[receiver].room {
                receiverOrder[hole] = receiverOrder[hole - 1]
                rooms[hole] = rooms[hole - 1]
                hole -= 1
            }
            receiverOrder[hole] = Int32(truncatingIfNeeded: receiver)
            rooms[hole] = receivers[receiver].room
            openReceivers += 1
        }
    }

    /// Returns the group of `size` ranks with the source at a position of the order that leaves the least room unused.
    private func bestGroup(_ size: Int, _ position: Int) -> Group {
        var best = Group()
        var members = InlineArray<3, Int>(repeating: -1)
        members[0] = position
        let first = sources[Int(sourceOrder[position])]
        let needLimit = Int32(truncatingIfNeeded: size - 1)
        if first.need <= needLimit { cover(first.surplus, size - 1, members, &best) }
        guard size > 2 else { return best }
        for other in 0..<openSources where other != position {
            let second = sources[Int(sourceOrder[other])]
            guard first.need + second.need <= needLimit else { continue }
            members[1] = other
            members[2] = -1
            cover(first.surplus + second.surplus, size - 2, members, &best)
            guard size > 3 else { continue }
            for last in 0..<other where last != position {
                let third = sources[Int(sourceOrder[last])]
                guard first.need + second.need + third.need <= needLimit else { continue }
                members[2] = last
                cover(first.surplus + second.surplus + third.surplus, size - 3, members, &best)
            }
        }
        return best
    }

    /// Finds `count` receivers whose rooms cover a surplus with less waste than the best group.
    @inline(__always)
    private func cover(_ surplus: Int32, _ count: Int, _ members: InlineArray<3, Int>, _ best: inout Group) {
        if count == 1 {
            coverWithOne(surplus, members, &best)
        } else if count == 2 {
            coverWithTwo(surplus, above: -1, members, &best)
        } else {
            for lowest in 0..<max(0, openReceivers - 2) where rooms[lowest] < surplus {
                coverWithTwo(surplus - rooms[lowest], above: lowest, members, &best)
            }
        }
    }

    @inline(__always)
    private func coverWithOne(_ surplus: Int32, _ members: InlineArray<3, Int>, _ best: inout Group) {
        var low = 0
        var high = openReceivers
        while low < high {
            let middle = (low + high) / 2
            if rooms[middle] < surplus { low = middle + 1 } else { high = middle }
        }
        guard low < openReceivers, Int(rooms[low] - surplus) < best.waste else { return }
        best.waste = Int(rooms[low] - surplus)
        best.sources = members
        best.receivers = InlineArray(repeating: -1)
        best.receivers[0] = low
    }

    /// Finds two receivers above the position of a third, which is -1 for none.
    @inline(__always)
    private func coverWithTwo(
        _ surplus: Int32, above third: Int, _ members: InlineArray<3, Int>, _ best: inout Group
    ) {
        var low = third + 1
        var high = openReceivers - 1
        while low < high {
            let waste = Int(rooms[low]) + Int(rooms[high]) - Int(surplus)
            if waste < 0 {
                low += 1
            } else {
                if waste < best.waste {
                    best.waste = waste
                    best.sources = members
                    best.receivers[0] = low
                    best.receivers[1] = high
                    best.receivers[2] = third
                }
                high -= 1
            }
        }
    }

    /// Adds the replicas of a group and removes its ranks from the orders.
    private mutating func finish(_ group: Group) {
        candidateCount = 0
        for side in 0..<Self.sideLimit where group.receivers[side] >= 0 {
            candidates[candidateCount] = receiverOrder[group.receivers[side]]
            candidateCount += 1
        }
        while true {
            var largest = -1
            for side in 0..<Self.sideLimit where group.sources[side] >= 0 {
                let source = Int(sourceOrder[group.sources[side]])
                if sources[source].surplus > (largest < 0 ? 0 : sources[largest].surplus) { largest = source }
            }
            if largest < 0 || !step(largest, Rule()) { break }
        }
        for side in 0..<Self.sideLimit {
            if group.sources[side] >= 0 { sourceOrder[group.sources[side]] = -1 }
            if group.receivers[side] >= 0 { receiverOrder[group.receivers[side]] = -1 }
        }
        var kept = 0
        for position in 0..<openSources where sourceOrder[position] >= 0 {
            sourceOrder[kept] = sourceOrder[position]
            kept += 1
        }
        openSources = kept
        kept = 0
        for position in 0..<openReceivers where receiverOrder[position] >= 0 {
            receiverOrder[kept] = receiverOrder[position]
            rooms[kept] = rooms[position]
            kept += 1
        }
        openReceivers = kept
    }
}
