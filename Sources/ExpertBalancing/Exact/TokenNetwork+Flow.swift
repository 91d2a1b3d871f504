extension TokenNetwork {
    /// Moves tokens from ranks above `limit` to ranks below it, over ranks that share experts, until no path is left.
    ///
    /// Each path has the fewest ranks (Edmonds and Karp). The result is a maximum flow: no other split of the tokens has
    /// fewer tokens above the limit.
    ///
    /// - Returns: The tokens that remain above the limit, summed over ranks.
    @discardableResult
    mutating func relieve(_ limit: Int32) -> Int32 {
        var remaining: Int32 = 0
        for rank in 0..<rankCount {
            while ranks[rank].tokens > limit, moveAlongPath(from: rank, limit) {}
            remaining += max(0, ranks[rank].tokens - limit)
        }
        return remaining
    }

    /// The tokens above the limit, summed over ranks.
    func excess(over limit: Int32) -> Int32 {
        var sum: Int32 = 0
        for rank in 0..<rankCount { sum += max(0, ranks[rank].tokens - limit) }
        return sum
    }

    /// The tokens of the rank with the most tokens.
    var largestTokens: Int32 {
        var largest: Int32 = 0
        for rank in 0..<rankCount { largest = max(largest, ranks[rank].tokens) }
        return largest
    }

    /// The largest number of added replicas that one rank sends.
    var largestSent: Int32 {
        var largest: Int32 = 0
        for rank in 0..<rankCount { largest = max(largest, ranks[rank].sent) }
        return largest
    }

    /// Splits the tokens among the present replicas with the least possible maximum over ranks, at least `least`.
    ///
    /// If a limit leaves tokens above it, the reached ranks hold experts that no other rank holds; their mean is the next
    /// limit. This is Newton's method on cuts, as in ``TokenSplit``.
    ///
    /// - Returns: The maximum.
    mutating func level(_ least: Int32) -> Int32 {
        var limit = least
        while relieve(limit) > 0 {
            let reached = markReachable(limit)
            var sum = 0
            var count = 0
            for rank in 0..<rankCount where rankMark[rank] == reached {
                sum += Int(ranks[rank].tokens)
                count += 1
            }
            limit = Int32(truncatingIfNeeded: (sum + count - 1) / count)
        }
        return limit
    }

    /// Marks the ranks that tokens of a rank can reach. Returns the mark in ``rankMark``.
    mutating func markReachable(from start: Int) -> Int32 {
        search += 1
        rankMark[start] = search
        queue[0] = Int32(truncatingIfNeeded: start)
        var tail = 1
        var head = 0
        while head < tail {
            _ = reach(from: Int(queue[head]), &tail, .min)
            head += 1
        }
        return search
    }

    /// Marks the ranks that tokens above `limit` can reach. Returns the mark in ``rankMark``.
    mutating func markReachable(_ limit: Int32) -> Int32 {
        search += 1
        var tail = 0
        for rank in 0..<rankCount where ranks[rank].tokens > limit {
            rankMark[rank] = search
            queue[tail] = Int32(truncatingIfNeeded: rank)
            tail += 1
        }
        var head = 0
        while head < tail {
            _ = reach(from: Int(queue[head]), &tail, .min)
            head += 1
        }
        return search
    }

    /// Marks the ranks whose tokens can move to a rank below `limit`, and these ranks. Returns the mark.
    mutating func markRelievable(_ limit: Int32) -> Int32 {
        search += 1
        var tail = 0
        for rank in 0..<rankCount where ranks[rank].tokens < limit {
            rankMark[rank] = search
            queue[tail] = Int32(truncatingIfNeeded: rank)
            tail += 1
        }
        var head = 0
        while head < tail {
            let rank = Int(queue[head])
            head += 1
            var expert = ranks[rank].firstShared
            while expert >= 0 {
                markHolders(of: Int(expert), &tail)
                expert = experts[Int(expert)].nextShared
            }
            var replica = ranks[rank].firstReplica
            while replica >= 0 {
                markHolders(of: Int(replicas[Int(replica)].expert), &tail)
                replica = replicas[Int(replica)].nextOfRank
            }
        }
        return search
    }

    /// Marks the ranks that have tokens of an expert.
    private func markHolders(of expert: Int, _ tail: inout Int) {
        if expertMark[expert] == search { return }
        expertMark[expert] = search
        if experts[expert].kept > 0 { mark(experts[expert].owner, &tail) }
        var replica = experts[expert].firstReplica
        while replica >= 0 {
            if replicas[Int(replica)].tokens > 0 { mark(replicas[Int(replica)].rank, &tail) }
            replica = replicas[Int(replica)].nextOfExpert
        }
    }

    @inline(__always) private func mark(_ rank: Int32, _ tail: inout Int) {
        if rankMark[Int(rank)] == search { return }
        rankMark[Int(rank)] = search
        queue[tail] = rank
        tail += 1
    }

    /// Moves tokens above the limit along a path with the fewest ranks. Returns false if there is no path.
    private mutating func moveAlongPath(from start: Int, _ limit: Int32) -> Bool {
        search += 1
        rankMark[start] = search
        queue[0] = Int32(truncatingIfNeeded: start)
        var head = 0
        var tail = 1
        while head < tail {
            let end = reach(from: Int(queue[head]), &tail, limit)
            if end >= 0 {
                move(from: start, to: end, limit)
                return true
            }
            head += 1
        }
        return false
    }

    /// Marks the ranks that tokens of `rank` can move to. Returns the first with fewer than `limit` tokens, or -1.
    @inline(__always) private func reach(from rank: Int, _ tail: inout Int, _ limit: Int32) -> Int {
        var expert = ranks[rank].firstShared
        while expert >= 0 {
            if experts[Int(expert)].kept > 0 {
                let end = reach(Int(expert), from: rank, replica: -1, &tail, limit)
                if end >= 0 { return end }
            }
            expert = experts[Int(expert)].nextShared
        }
        var replica = ranks[rank].firstReplica
        while replica >= 0 {
            if replicas[Int(replica)].tokens > 0 {
                let end = reach(Int(replicas[Int(replica)].expert), from: rank, replica: replica, &tail, limit)
                if end >= 0 { return end }
            }
            replica = replicas[Int(replica)].nextOfRank
        }
        return -1
    }

    /// Marks the ranks that hold an expert. Returns the first with fewer than `limit` tokens, or -1.
    private func reach(_ expert: Int, from rank: Int, replica origin: Int32, _ tail: inout Int, _ limit: Int32) -> Int {
        if expertMark[expert] == search { return -1 }
        expertMark[expert] = search
        source[expert] = Int32(truncatingIfNeeded: rank)
        left[expert] = origin
        var place: Int32 = -1
        var holder = experts[expert].owner
        var next = experts[expert].firstReplica
        while true {
            if rankMark[Int(holder)] != search {
                rankMark[Int(holder)] = search
                via[Int(holder)] = Int32(truncatingIfNeeded: expert)
                entered[Int(holder)] = place
                if ranks[Int(holder)].tokens < limit { return Int(holder) }
                queue[tail] = holder
                tail += 1
            }
            guard next >= 0 else { return -1 }
            place = next
            holder = replicas[Int(next)].rank
            next = replicas[Int(next)].nextOfExpert
        }
    }

    /// Moves as many tokens as the path that led to `end` allows.
    private func move(from start: Int, to end: Int, _ limit: Int32) {
        var amount = min(ranks[start].tokens - limit, limit - ranks[end].tokens)
        var rank = end
        while rank != start {
            let expert = Int(via[rank])
            let replica = Int(left[expert])
            amount = min(amount, replica < 0 ? experts[expert].kept : replicas[replica].tokens)
            rank = Int(source[expert])
        }
        rank = end
        while rank != start {
            let expert = Int(via[rank])
            let previous = Int(source[expert])
            move(amount, of: expert, from: (previous, Int(left[expert])), to: (rank, Int(entered[rank])))
            rank = previous
        }
    }
}
