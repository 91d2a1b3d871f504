import DistributedRuntime
import Foundation
import LibTorch
package import Timelines

extension Trainer {
    /// Gathers the timelines of all ranks as one on rank 0. Returns nil on other ranks. The ranks of one machine share
    /// its monotonic clock; clocks of several machines are not aligned.
    package func gather(_ own: Timeline) throws -> Timeline? {
        guard let control else { return own }
        return try Device.cpu.perform { try gather(own, in: control) }
    }

    private func gather(_ own: Timeline, in group: ProcessGroup) throws -> Timeline? {
        guard group.rank == 0 else {
            let bytes = try JSONEncoder().encode(own)
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
            timeline.append(
                contentsOf: try tensor.withBytes { try JSONDecoder().decode(Timeline.self, from: Data($0)) })
        }
        return timeline
    }
}
