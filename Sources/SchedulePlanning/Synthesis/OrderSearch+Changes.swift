import PipelineSchedules

extension OrderSearch {
    /// Applies a random change at a position of a rank's row and returns whether the change is possible there. In one
    /// of four cases the change is also applied to the same step of the next micro-batches, because schedules are
    /// periodic.
    mutating func change(_ rank: Int, _ position: Int, _ random: inout SplitMix64) -> Bool {
        let step = rows[rank][position]
        let change = OrderChange.drawn(atPair: step.isOverlapped, fillsWeights: fillsWeights, &random)
        guard make(change, rank, position) else { return false }
        guard random.next(below: 4) == 0, let action = step.first else { return true }
        let count = layout.microbatchCounts[action.stage]
        var length = 1 + random.next(below: count)
        var next = position
        var microbatch = action.microbatch + 1
        while length > 0, microbatch < count {
            let bits = Action(action.kind, stage: action.stage, microbatch: microbatch).bits
            guard let index = rows[rank][next...].firstIndex(where: { $0.firstBits == bits }) else { break }
            _ = make(change, rank, index)
            next = min(index, rows[rank].count)
            microbatch += 1
            length -= 1
        }
        return true
    }

    private mutating func make(_ change: OrderChange, _ rank: Int, _ position: Int) -> Bool {
        switch change {
        case .move(let distance): return move(rank, from: position, by: distance)
        case .movePrevious(let distance): return position > 0 && move(rank, from: position - 1, by: distance)
        case .deferWeights(let distance): return deferWeights(rank, position, by: distance)
        case .split(let forwardFirst, let distance):
            return split(rank, position, forwardFirst: forwardFirst, weightsBy: distance)
        case .moveWeightsOfPair: return moveWeightsOfPair(rank, position)
        case .pair(let skipped, let takesWeights):
            return pair(rank, position, skipping: skipped, takesWeights: takesWeights)
        }
    }

    private mutating func move(_ rank: Int, from position: Int, by distance: Int) -> Bool {
        let target = min(max(position + distance, 0), rows[rank].count - 1)
        guard target != position else { return false }
        rows[rank].insert(rows[rank].remove(at: position), at: target)
        return true
    }

    private mutating func deferWeights(_ rank: Int, _ position: Int, by distance: Int) -> Bool {
        let nearest = rows[rank][max(position - 8, 0)...position].lastIndex { step in
            !step.isOverlapped && (step.first?.kind == .weightGradient || step.first?.kind == .backward)
        }
        guard let nearest, let action = rows[rank][nearest].first else { return false }
        if action.kind == .backward {
            rows[rank][nearest] = Step(action.with(.inputGradient))
            rows[rank].insert(Step(action.with(.weightGradient)), at: nearest + 1)
            return true
        }
        return move(rank, from: nearest, by: distance)
    }

    private mutating func moveWeightsOfPair(_ rank: Int, _ position: Int) -> Bool {
        guard let forward = rows[rank][position].first, let backward = rows[rank][position].second else { return false }
        let other = backward.with(backward.kind == .backward ? .inputGradient : .backward)
        rows[rank][position] = Step(overlapping: forward, with: other)
        return true
    }

    private mutating func split(_ rank: Int, _ position: Int, forwardFirst: Bool, weightsBy distance: Int) -> Bool {
        guard let forward = rows[rank][position].first, let backward = rows[rank][position].second else { return false }
        var unpaired = [Step(forward), Step(backward.with(.inputGradient))]
        if !forwardFirst { unpaired.swapAt(0, 1) }
        rows[rank].replaceSubrange(position...position, with: unpaired)
        if backward.kind == .backward, !fillsWeights {
            let index = min(position + 1 + distance, rows[rank].count)
            rows[rank].insert(Step(backward.with(.weightGradient)), at: index)
        }
        return true
    }

    private mutating func pair(_ rank: Int, _ position: Int, skipping skipped: Int, takesWeights: Bool) -> Bool {
        guard allowsOverlap, !rows[rank][position].isOverlapped, let action = rows[rank][position].first,
            action.kind != .weightGradient
        else { return false }
        var partners: [Int] = []
        for distance in 1...10 {
            for other in [position - distance, position + distance]
            where rows[rank].indices.contains(other) && canPair(action, rows[rank][other]) { partners.append(other) }
            if partners.count > skipped { break }
        }
        guard partners.count > skipped, let other = rows[rank][partners[skipped]].first else { return false }
        let partner = partners[skipped]
        let forward = action.kind == .forward ? action : other
        let backward = action.kind == .forward ? other : action
        var pair = Step(overlapping: forward, with: backward)
        let weights = Step(backward.with(.weightGradient))
        var removed = [partner]
        let weightsIndex = fillsWeights ? nil : rows[rank].firstIndex(of: weights)
        if backward.kind == .inputGradient, fillsWeights || weightsIndex != nil, takesWeights {
            pair = Step(overlapping: forward, with: backward.with(.backward))
            if let weightsIndex { removed.append(weightsIndex) }
        }
        rows[rank][position] = pair
        for index in removed.sorted(by: >) { rows[rank].remove(at: index) }
        return true
    }

    private func canPair(_ action: Action, _ step: Step) -> Bool {
        guard !step.isOverlapped, let other = step.first else { return false }
        let (isForward, isOtherForward) = (action.kind == .forward, other.kind == .forward)
        return isForward != isOtherForward && other.kind != .weightGradient
            && (action.microbatch != other.microbatch || layout.chains[action.stage] != layout.chains[other.stage])
    }
}
