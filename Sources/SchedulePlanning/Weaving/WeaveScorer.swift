/// Runs turns on tables.
struct WeaveScorer {
    private let tables: WeaveTables.Pointers
    private var slots: [Int64]
    private var backwardEnds: [Int64]

    init(_ tables: WeaveTables.Pointers) {
        self.tables = tables
        slots = Array(repeating: 0, count: tables.forwardExtent.slotCount + tables.backwardExtent.slotCount)
        // The first stands for the start of the step.
        backwardEnds = Array(repeating: 0, count: tables.backwardExtent.count + 1)
    }

    /// The score of turns that suit the problem.
    static func score(_ turns: [Weave.Turn], _ tables: WeaveTables) -> WeaveScore? {
        tables.withPointers { pointers in
            var scorer = WeaveScorer(pointers)
            return scorer.score(turns)
        } ?? nil
    }

    /// The score of turns; nil where a weight gradient comes before the part that it belongs to.
    mutating func score(_ turns: [Weave.Turn]) -> WeaveScore? {
        var result = WeaveScore()
        var (time, channel): (Int64, Int64) = (0, 0)
        var (forward, backward, weight) = (0, 0, 0)
        let backwardSlots = tables.forwardExtent.slotCount
        for turn in turns {
            switch turn {
            case .forward:
                run(tables.forward[forward], 0, &time, &channel)
                forward += 1
                result.forwardEnd = time
                result.forwardTimes += time
            case .backward:
                run(tables.backward[backward], backwardSlots, &time, &channel)
                backward += 1
                backwardEnds[backward] = time
                result.backwardEnd = time
                result.backwardTimes += time
            case .weights:
                let product = tables.products[weight]
                guard product.after <= backward else { return nil }
                result.weightDelay += time - backwardEnds[product.after]
                time += product.cost
                weight += 1
            }
        }
        let forwardSlot = Int(tables.forward[forward].reads)
        if forwardSlot >= 0 { result.forwardEnd = max(result.forwardEnd, slots[forwardSlot]) }
        let backwardSlot = Int(tables.backward[backward].reads)
        if backwardSlot >= 0 { result.backwardEnd = max(result.backwardEnd, slots[backwardSlots + backwardSlot]) }
        result.makespan = max(time, result.forwardEnd, result.backwardEnd)
        return result
    }

    @inline(__always)
    private mutating func run(
        _ part: WeaveTables.Place, _ firstSlot: Int, _ time: inout Int64, _ channel: inout Int64
    ) {
        if part.reads >= 0 { time = max(time, slots[firstSlot + Int(part.reads)]) }
        time += part.host
        guard part.isExchange else { return }
        channel = max(channel, time) + part.channel
        if part.writes >= 0 { slots[firstSlot + Int(part.writes)] = channel }
    }
}
