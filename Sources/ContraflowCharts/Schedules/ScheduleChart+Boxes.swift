import PipelineSchedules
import Timelines

extension ScheduleChart {
    /// The boxes of each rank by start. Spans with the same start and end are an overlapped pair: they share a box,
    /// which has the note of the first span.
    ///
    /// - Parameter notes: A line about each of the timeline's spans, in their order; the list may be shorter.
    func boxesOfRanks(notes: [String] = []) -> [Int: [ActionBox]] {
        let firstNumbers = firstNumberOfStage()
        let chunks = chunkOfStage()
        var boxes: [Int: [ActionBox]] = [:]
        for (index, span) in timeline.spans.enumerated() {
            guard let action = timeline.event(of: span).action, action.kind.isCompute else { continue }
            let isKnown = firstNumbers.indices.contains(action.stage)
            let number = action.microbatch + (isKnown ? firstNumbers[action.stage] : 0)
            let part = ActionBox.Part(
                kind: action.kind, number: number, chunk: isKnown ? chunks[action.stage] : 0, name: action.description)
            boxes[timeline.lanes[Int(span.lane)].rank, default: []].append(
                ActionBox(interval: span.interval, parts: [part], note: index < notes.count ? notes[index] : ""))
        }
        return boxes.mapValues(Self.joined)
    }

    /// The boxes by start. Boxes with the same start and end are joined in their order.
    private static func joined(_ boxes: [ActionBox]) -> [ActionBox] {
        let order = boxes.indices.sorted {
            let (left, right) = (boxes[$0].interval, boxes[$1].interval)
            return (left.lowerBound, left.upperBound, $0) < (right.lowerBound, right.upperBound, $1)
        }
        var result: [ActionBox] = []
        for box in order.map({ boxes[$0] }) {
            if result.last?.interval == box.interval {
                result[result.count - 1].parts += box.parts
            } else {
                result.append(box)
            }
        }
        return result
    }

    /// The number of each stage's first micro-batch. The numbers continue from one chain to the next.
    private func firstNumberOfStage() -> [Int] {
        var numbers: [Int] = []
        var first = 0
        for chain in chains {
            numbers += Array(repeating: first, count: chain.stages.count)
            first += chain.microbatchCount
        }
        return numbers
    }

    /// The index of each stage among its chain's stages on its rank.
    private func chunkOfStage() -> [Int] {
        chains.flatMap { chain in
            var held: [Int: Int] = [:]
            return chain.ranks.map { rank in
                defer { held[rank, default: 0] += 1 }
                return held[rank, default: 0]
            }
        }
    }

    /// The largest number of stages of one chain on a rank.
    var chunkCount: Int { (chunkOfStage().max() ?? 0) + 1 }

    /// The opacity of a chunk's boxes.
    static func opacity(ofChunk chunk: Int) -> Double { max(1 / Double(chunk + 1), 0.15) }
}
