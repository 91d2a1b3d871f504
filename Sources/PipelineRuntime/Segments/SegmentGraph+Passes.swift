import MoEModels
import SchedulePlanning

extension SegmentGraph {
    /// The number of segments that are exchanges.
    package var exchangeCount: Int { segments.count { !$0.work.computes } }

    /// The segments of a forward, in order.
    var forwardSegments: SegmentSequence {
        let makers = exchanges { $0.outputs[0].index }
        func reads(_ values: [SegmentValue]) -> [Int] { values.compactMap { makers[$0.index] }.distinct }
        let segments = self.segments.map { segment -> PassSegment in
            switch segment.work {
            case .compute: .compute(segment.name, cost: 0, reads: reads(segment.inputs))
            case .exchange: .exchange(segment.name, cost: 0, reads: reads(segment.inputs))
            }
        }
        return SegmentSequence(segments, resultReads: reads((output.map { [$0] } ?? []) + observed.map(\.value)))
    }

    /// The segments of a backward without its weight gradients, in reverse order. Counts and weights that are
    /// fetched have no gradient here, so that their backward exchanges nothing.
    var backwardSegments: SegmentSequence {
        let last = segments.count - 1
        let makers = exchanges { $0.work.isForwardExchange ? nil : $0.inputs[0].index }
        func reads(_ values: [SegmentValue], before position: Int) -> [Int] {
            values.compactMap { makers[$0.index].map { last - $0 } }.filter { $0 < position }.distinct
        }
        let segments = self.segments.indices.reversed().map { index -> PassSegment in
            let segment = self.segments[index]
            switch segment.work {
            case .compute:
                return .compute(
                    segment.name, cost: 0, reads: reads(segment.outputs + segment.inputs, before: last - index))
            case .exchange where segment.work.isForwardExchange: return .empty(segment.name)
            case .exchange: return .exchange(segment.name, cost: 0, reads: reads(segment.outputs, before: last - index))
            }
        }
        return SegmentSequence(segments, resultReads: reads(input.map { [$0] } ?? [], before: segments.count))
    }

    /// The weight gradients of a backward, one per compute segment, in the order of the backward.
    var weightSegments: [WeightSegment] {
        segments.indices.reversed().compactMap { index in
            guard segments[index].work.computes else { return nil }
            return WeightSegment(segments[index].name, cost: 0, after: segments.count - 1 - index)
        }
    }

    /// Returns the indices of the exchanges, by the value that `value` selects of each.
    private func exchanges(by value: (Segment) -> Int?) -> [Int: Int] {
        var indices: [Int: Int] = [:]
        for (index, segment) in segments.enumerated() {
            if !segment.work.computes, let value = value(segment) { indices[value] = index }
        }
        return indices
    }
}

extension [Int] {
    /// The distinct numbers, ascending.
    fileprivate var distinct: [Int] { Set(self).sorted() }
}
