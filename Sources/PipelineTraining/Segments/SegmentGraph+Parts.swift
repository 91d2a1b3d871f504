import MoEModels
import SchedulePlanning

extension SegmentGraph {
    /// How many segments are exchanges.
    var exchangeCount: Int { segments.count { !$0.work.computes } }

    /// The parts of a forward: a segment each, in order.
    var forwardParts: WeaveSequence {
        let makers = exchanges { $0.outputs[0].index }
        func reads(_ values: [SegmentValue]) -> [Int] { values.compactMap { makers[$0.index] }.distinct }
        let parts = segments.map { segment -> WeavePart in
            switch segment.work {
            case .compute: .compute("\(segment.name) F", cost: 0, reads: reads(segment.inputs))
            case .exchange: .exchange("\(segment.name) F", cost: 0, reads: reads(segment.inputs))
            }
        }
        return WeaveSequence(parts, resultReads: reads((output.map { [$0] } ?? []) + observed.map(\.value)))
    }

    /// The parts of a backward without its weight gradients: a segment each, in reverse. Counts have no gradient to send
    /// back.
    var backwardParts: WeaveSequence {
        let last = segments.count - 1
        let makers = exchanges { $0.work.isCounts ? nil : $0.inputs[0].index }
        func reads(_ values: [SegmentValue], before position: Int) -> [Int] {
            values.compactMap { makers[$0.index].map { last - $0 } }.filter { $0 < position }.distinct
        }
        let parts = segments.indices.reversed().map { index -> WeavePart in
            let segment = segments[index]
            let name = "\(segment.name) B"
            switch segment.work {
            case .compute:
                return .compute(name, cost: 0, reads: reads(segment.outputs + segment.inputs, before: last - index))
            case .exchange where segment.work.isCounts:
                return .compute(name, cost: 0)
            case .exchange:
                return .exchange(name, cost: 0, reads: reads(segment.outputs, before: last - index))
            }
        }
        return WeaveSequence(parts, resultReads: reads(input.map { [$0] } ?? [], before: segments.count))
    }

    /// The weight gradients of a backward, one a segment that computes, in the order in which the backward comes by.
    var weightParts: [WeightPart] {
        segments.indices.reversed().compactMap { index in
            guard segments[index].work.computes else { return nil }
            return WeightPart("\(segments[index].name) W", cost: 0, after: segments.count - 1 - index)
        }
    }

    /// The places of the exchanges by the value that `value` names of each.
    private func exchanges(by value: (Segment) -> Int?) -> [Int: Int] {
        var places: [Int: Int] = [:]
        for (index, segment) in segments.enumerated() {
            if !segment.work.computes, let value = value(segment) { places[value] = index }
        }
        return places
    }
}

extension Segment.Work {
    /// Whether nothing flows back through it.
    fileprivate var isCounts: Bool {
        if case .exchange(.counts) = self { true } else { false }
    }
}

extension [Int] {
    /// Each number once, ascending.
    fileprivate var distinct: [Int] { Set(self).sorted() }
}
