extension ReplicaConstruction {
    /// The order of sources and the choice among steps of equal merit.
    struct Rule {
        /// The most ranks of the groups that are finished first; 1 for none.
        var groupSize = 1
        /// Whether the source that needs the most replicas comes first, instead of the source with the largest surplus.
        var isByNeed = false
        /// Whether a source that is finished takes the receiver with the least room that suffices.
        var isBestFit = true
        /// Whether steps that fill a receiver are preferred.
        var fillsReceivers = true
        /// The number of a random order; 0 for none.
        var seed: UInt64 = 0
    }

    /// Adds replicas until no source has surplus or no step is left. O(replicas × (sources + receivers)).
    mutating func construct(_ rule: Rule) {
        for source in 0..<sourceCount { sources[source] = startSources[source] }
        for receiver in 0..<receiverCount { receivers[receiver] = startReceivers[receiver] }
        for key in 0..<keyCount { keys[key] = startKeys[key] }
        addedCount = 0
        unmet = 0
        spare = slack
        needs = 0
        for source in 0..<sourceCount { needs += sources[source].need }
        openCount = Int32(truncatingIfNeeded: sourceCount + receiverCount)
        if rule.groupSize > 1 { finishGroups(upTo: rule.groupSize) }
        candidateCount = receiverCount
        for receiver in 0..<receiverCount { candidates[receiver] = Int32(truncatingIfNeeded: receiver) }
        var random = rule.seed
        while let source = nextSource(rule, &random) {
            if !step(source, rule) {
                unmet += sources[source].surplus
                sources[source].surplus = 0
            }
        }
    }

    /// The largest number of replicas that one source sends in the present construction.
    var largestSent: Int32 {
        var largest: Int32 = 0
        for source in 0..<sourceCount { largest = max(largest, sources[source].sent) }
        return largest
    }

    private func nextSource(_ rule: Rule, _ random: inout UInt64) -> Int? {
        var best = -1
        var bestPriority = 0
        for source in 0..<sourceCount where sources[source].surplus > 0 {
            var priority = Int(sources[source].surplus)
            if rule.isByNeed { priority += Int(sources[source].need) << 32 }
            if rule.seed != 0 {
                random = random &* 0x5851_F42D_4C95_7F2D &+ 0x1405_7B7E_F767_814F
                priority *= Int(16 + random >> 59)
            }
            if priority > bestPriority {
                bestPriority = priority
                best = source
            }
        }
        return best < 0 ? nil : best
    }

    /// A part of an expert and the receiver that takes it.
    private struct Step {
        var merit = Int.min
        var receiver = -1
        var key = 0
        var tokens: Int32 = 0
    }

    /// Sends a part of an expert of a source to the best candidate. Returns false if no candidate can take any.
    mutating func step(_ index: Int, _ rule: Rule) -> Bool {
        let source = sources[index]
        let need = self.need(of: source, keys)
        var largestRoom: Int32 = 0
        var open = 0
        for position in 0..<candidateCount {
            let receiver = receivers[Int(candidates[position])]
            guard receiver.room > 0, receiver.slots > 0 else { continue }
            largestRoom = max(largestRoom, receiver.room)
            candidates[open] = candidates[position]
            open += 1
        }
        candidateCount = open
        let prefersNeeds = !rule.fillsReceivers || needs >= openCount - 1
        var best = Step()
        for position in 0..<candidateCount {
            let step = evaluate(Int(candidates[position]), source, need, rule, prefersNeeds, largestRoom)
            if step.merit > best.merit { best = step }
        }
        guard best.receiver >= 0 else { return false }
        apply(best, to: index)
        return true
    }

    /// Returns the best part of a source's experts for one receiver, with its merit.
    @inline(__always) private func evaluate(
        _ index: Int, _ source: Source, _ need: Need, _ rule: Rule, _ prefersNeeds: Bool, _ largestRoom: Int32
    ) -> Step {
        let receiver = receivers[index]
        let target = min(source.surplus, receiver.room)
        // The smallest expert that suffices; else the largest.
        let start = Int(source.start)
        var key = start
        let end = start + Int(source.count)
        while key + 1 < end, Self.tokens(keys[key + 1]) >= target { key += 1 }
        let size = Self.tokens(keys[key])
        let amount = min(size, target)
        let rest = receiver.room - amount
        let finishesSource = amount == source.surplus
        let fillsReceiver = rule.fillsReceivers ? rest == 0 : true
        var lowersNeed = finishesSource
        if !finishesSource, need.count > 1 {
            // The most tokens that one expert fewer has after the step.
            var most = need.sum - need.last
            if key - start < Int(need.count) {
                let isLast = key - start == Int(need.count) - 1
                most = need.sum - size + max(0, size - amount - (isLast ? need.lastButOne : need.last))
            }
            lowersNeed = most >= source.surplus - amount
        } else if !finishesSource, amount == receiver.room, receiver.room == largestRoom {
            // A surplus above every room needs several receivers.
            lowersNeed = true
        }
        var grade = 0
        var preference = Int(amount)
        if finishesSource && fillsReceiver {
            grade = 3
            preference = -Int(rest)
        } else if finishesSource {
            grade = 2
            preference = rule.isBestFit ? -Int(rest) : Int(rest)
        } else if lowersNeed && fillsReceiver {
            grade = 2
            if !rule.fillsReceivers { preference = rule.isBestFit ? -Int(rest) : Int(rest) }
        } else if lowersNeed {
            grade = prefersNeeds ? 1 : 0
            preference = rule.isBestFit ? Int(amount) : Int(rest)
        } else if fillsReceiver {
            grade = prefersNeeds ? 0 : 1
        }
        if receiver.slots == 1, Int(rest) > spare { grade = -1 }
        return Step(merit: grade << 40 + preference, receiver: index, key: key, tokens: amount)
    }

    private mutating func apply(_ step: Step, to index: Int) {
        let expert = Self.expert(keys[step.key])
        added[addedCount] = Added(expert: expert, rank: receivers[step.receiver].rank)
        addedCount += 1
        receivers[step.receiver].room -= step.tokens
        receivers[step.receiver].slots -= 1
        if receivers[step.receiver].room == 0 {
            openCount -= 1
        } else if receivers[step.receiver].slots == 0 {
            openCount -= 1
            spare -= Int(receivers[step.receiver].room)
        }
        shrink(step.key, by: step.tokens, of: index)
        sources[index].surplus -= step.tokens
        sources[index].sent += 1
        if sources[index].surplus == 0 { openCount -= 1 }
        let need = self.need(of: sources[index], keys).count
        needs += need - sources[index].need
        sources[index].need = need
    }

    /// Takes tokens from an expert of a source and keeps the keys in order.
    @inline(__always) private func shrink(_ position: Int, by amount: Int32, of index: Int) {
        let size = Self.tokens(keys[position])
        let end = Int(sources[index].start + sources[index].count)
        let key = Self.key(size - amount, Self.expert(keys[position]))
        var hole = position
        while hole + 1 < end, keys[hole + 1] < key {
            keys[hole] = keys[hole + 1]
            hole += 1
        }
        keys[hole] = key
        if size == amount { sources[index].count -= 1 }
    }
}
