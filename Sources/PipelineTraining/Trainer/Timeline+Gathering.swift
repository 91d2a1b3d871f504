import DistributedRuntime
import Foundation
import LibTorch
package import Timelines

extension Trainer {
    /// The timelines of all ranks as one, on rank 0; nil elsewhere. Ranks of one machine share its monotonic clock.
    package func gather(_ own: Timeline) throws -> Timeline? {
        guard let control else { return own }
        return try Device.cpu.perform { try gather(own, in: control) }
    }

    private func gather(_ own: Timeline, in group: any ProcessGroup) throws -> Timeline? {
        guard group.rank == 0 else {
            let bytes = try own.encoded()
            let size = try Tensor([bytes.count], shape: [1])
            try group.send(size, to: 0, tag: 1).wait()
            let tensor = try Tensor.filled([bytes.count], .bool) { $0.copyBytes(from: bytes) }
            try group.send(tensor, to: 0, tag: 2).wait()
            return nil
        }
        var timeline = own
        for rank in 1..<group.size {
            let size = try Tensor.zeros([1], .int64)
            try group.receive(into: size, from: rank, tag: 1).wait()
            let tensor = try Tensor.empty([try size.integers()[0]], .bool)
            try group.receive(into: tensor, from: rank, tag: 2).wait()
            timeline.append(contentsOf: try tensor.withBytes { try Timeline(encoded: Data($0)) })
        }
        return timeline
    }
}

extension Timeline {
    /// A timeline's parts as they travel between ranks.
    private struct Parts: Codable {
        struct Label: Codable {
            let name: String
            let activity: UInt8
            let stage: Int?
            let microbatch: Int?
            let kind: Int?
        }

        let ranks: [Int]
        let lanes: [String]
        let labels: [Label]
        /// Start, duration, lane and label of each span.
        let spans: [Int64]
    }

    fileprivate func encoded() throws -> Data {
        try JSONEncoder().encode(
            Parts(
                ranks: lanes.map(\.rank), lanes: lanes.map(\.name),
                labels: labels.map {
                    Parts.Label(
                        name: $0.name, activity: $0.activity.rawValue, stage: $0.stage, microbatch: $0.microbatch,
                        kind: $0.kind)
                },
                spans: spans.flatMap { [$0.start, $0.duration, Int64($0.lane), Int64($0.label)] }))
    }

    fileprivate init(encoded data: Data) throws {
        let parts = try JSONDecoder().decode(Parts.self, from: data)
        self.init()
        let lanes = zip(parts.ranks, parts.lanes).map { index(of: TimelineLane(rank: $0, name: $1)) }
        let labels = parts.labels.map { label in
            index(
                of: TimelineLabel(
                    name: label.name, activity: ActivityClass(rawValue: label.activity) ?? .wait, stage: label.stage,
                    microbatch: label.microbatch, kind: label.kind))
        }
        for start in stride(from: 0, to: parts.spans.count, by: 4) {
            append(
                TimeSpan(
                    start: parts.spans[start], duration: parts.spans[start + 1],
                    lane: lanes[Int(parts.spans[start + 2])],
                    label: labels[Int(parts.spans[start + 3])]))
        }
    }
}
