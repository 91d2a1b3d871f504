/// A scorer of orders, on the tables of a problem.
struct OverlapScorer {
    private let tables: OverlapTables.Pointers
    private var slots: [Int64]
    private var backwardEnds: [Int64]

    init(_ tables: OverlapTables.Pointers) {
        self.tables = tables
        slots = Array(repeating: 0, count: tables.forwardExtent.slotCount + tables.backwardExtent.slotCount)
        // The first entry stands for the start of the step.
        backwardEnds = Array(repeating: 0, count: tables.backwardExtent.count + 1)
    }

    /// Returns the score of an order that fits the problem.
    static func score(_ order: [OverlapPlan.Pass], _ tables: OverlapTables) -> OverlapScore? {
        tables.withPointers { pointers in
            var scorer = OverlapScorer(pointers)
            return scorer.score(order)
        }
    }

    /// Returns the score of an order; nil if a weight gradient comes before the segment that it belongs to.
    mutating func score(_ order: [OverlapPlan.Pass]) -> OverlapScore? {
        var result = OverlapScore()
        var (time, channel): (Int64, Int64) = (0, 0)
        var (forward, backward, weight) = (0, 0, 0)
        let backwardSlots = tables.forwardExtent.slotCount
        for pass in order {
            switch pass {
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

    @inline(__always) private mutating func run(
        _ segment: OverlapTables.Segment, _ firstSlot: Int, _ time: inout Int64, _ channel: inout Int64
    ) {
        if segment.reads >= 0 { time = max(time, slots[firstSlot + Int(segment.reads)]) }
        time += segment.host
        guard segment.isExchange else { return }
        channel = max(channel, time) + segment.channel
        if segment.writes >= 0 { slots[firstSlot + Int(segment.writes)] = channel }
    }
}
