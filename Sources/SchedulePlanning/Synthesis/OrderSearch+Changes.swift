import PipelineSchedules

extension OrderSearch {
    /// Changes a rank's row at or near a position; false where the change drawn does not exist there.
    mutating func change(_ rank: Int, _ position: Int, _ random: inout SplitMix64) -> Bool {
        switch random.next(below: 8) {
        case 0, 1: move(rank, from: position, by: -1)
        case 2: move(rank, from: position, by: -2 - random.next(below: 8))
        case 3: move(rank, from: position - 1, by: 1 + random.next(below: 8))
        case 4: move(rank, from: position, by: 1 + random.next(below: 8))
        case 5: putOffWeights(rank, position, &random)
        default: rows[rank][position].isOverlapped ? split(rank, position, &random) : pair(rank, position, &random)
        }
    }

    private mutating func move(_ rank: Int, from position: Int, by distance: Int) -> Bool {
        guard rows[rank].indices.contains(position) else { return false }
        let target = min(max(position + distance, 0), rows[rank].count - 1)
        guard target != position else { return false }
        rows[rank].insert(rows[rank].remove(at: position), at: target)
        return true
    }

    /// Moves the last weight gradient up to a position behind it, out of a backward that stands alone if need be.
    private mutating func putOffWeights(_ rank: Int, _ position: Int, _ random: inout SplitMix64) -> Bool {
        let nearest = rows[rank][max(position - 8, 0)...position].lastIndex { step in
            !step.isOverlapped && (step.first?.kind == .weightGradient || step.first?.kind == .backward)
        }
        guard let nearest, let action = rows[rank][nearest].first else { return false }
        if action.kind == .backward {
            rows[rank][nearest] = Step(action.with(.inputGradient))
            rows[rank].insert(Step(action.with(.weightGradient)), at: nearest + 1)
            return true
        }
        let distance = random.next(below: 4) == 0 ? rows[rank].count : 1 + random.next(below: 24)
        return move(rank, from: nearest, by: distance)
    }

    /// Takes a pair apart, or its weight gradient out of it or into it.
    private mutating func split(_ rank: Int, _ position: Int, _ random: inout SplitMix64) -> Bool {
        guard let forward = rows[rank][position].first, let backward = rows[rank][position].second else { return false }
        let isFull = backward.kind == .backward
        if fillsWeights, random.next(below: 4) == 0 {
            let other = backward.with(isFull ? .inputGradient : .backward)
            rows[rank][position] = Step(overlapping: forward, with: other)
            return true
        }
        var lone = [Step(forward), Step(backward.with(.inputGradient))]
        if random.next(below: 2) == 0 { lone.swapAt(0, 1) }
        rows[rank].replaceSubrange(position...position, with: lone)
        if isFull, !fillsWeights {
            let place = min(position + 2 + random.next(below: 12), rows[rank].count)
            rows[rank].insert(Step(backward.with(.weightGradient)), at: place)
        }
        return true
    }

    /// Pairs a lone forward or backward with the nearest that it can run beside, mostly together with its weight gradient.
    private mutating func pair(_ rank: Int, _ position: Int, _ random: inout SplitMix64) -> Bool {
        guard allowsOverlap, let action = rows[rank][position].first, action.kind != .weightGradient else {
            return false
        }
        let skipped = random.next(below: 2)
        var partners: [Int] = []
        for distance in 1...10 {
            for other in [position - distance, position + distance]
            where rows[rank].indices.contains(other) && canPair(action, rows[rank][other]) { partners.append(other) }
        }
        guard partners.count > skipped, let other = rows[rank][partners[skipped]].first else { return false }
        let partner = partners[skipped]
        let forward = action.kind == .forward ? action : other
        let backward = action.kind == .forward ? other : action
        var pair = Step(overlapping: forward, with: backward)
        let weights = Step(backward.with(.weightGradient))
        var removed = [partner]
        let place = fillsWeights ? nil : rows[rank].firstIndex(of: weights)
        if backward.kind == .inputGradient, fillsWeights || place != nil, random.next(below: 4) > 0 {
            pair = Step(overlapping: forward, with: backward.with(.backward))
            if let place { removed.append(place) }
        }
        rows[rank][position] = pair
        for place in removed.sorted(by: >) { rows[rank].remove(at: place) }
        return true
    }

    private func canPair(_ action: Action, _ step: Step) -> Bool {
        guard !step.isOverlapped, let other = step.first else { return false }
        let (isForward, isOtherForward) = (action.kind == .forward, other.kind == .forward)
        return isForward != isOtherForward && other.kind != .weightGradient
            && (action.microbatch != other.microbatch || layout.chains[action.stage] != layout.chains[other.stage])
    }
}
