import DistributedRuntime
import LibTorch

/// Repeated exchanges or sums among ranks of one machine, by shared memory or by messages.
final class ExchangeWorkload: Workload {
    private let count: Int
    private let once: () throws -> Void

    /// - Parameter subject: The work. Its shape is that of the tensor which a rank sends, in equal parts to all ranks,
    ///   or which is summed.
    init(_ subject: StepRequest.Subject, group: ProcessGroup) throws {
        count = subject.microbatches
        let own = try Tensor.normal(subject.shape, .float32, seed: 1)
        switch (subject.work == .sum, subject.isShared == true) {
        case (true, false):
            once = { try group.allReduce(own).wait() }
        case (true, true):
            guard let shared = try SharedMemoryTensors.rendezvous(in: group, count: own.elementCount, .float32) else {
                throw NoSharedMemory()
            }
            let greeting = try Tensor.zeros([1], .float32)
            once = {
                try group.allReduce(greeting).wait()
                try shared.sumShare()
                try group.allReduce(greeting).wait()
            }
        case (false, let isShared):
            let carrier: ProcessGroup
            if isShared {
                guard
                    let shared = try SharedMemoryGroup.rendezvous(
                        in: group, slots: 4, capacity: own.byteCount, timeoutMilliseconds: 60_000)
                else { throw NoSharedMemory() }
                carrier = shared
            } else {
                carrier = group
            }
            let output = try Tensor.empty(subject.shape, .float32)
            let rows = Array(repeating: subject.shape[0] / group.size, count: group.size)
            once = { try carrier.allToAll(into: output, outputRows: rows, from: own, inputRows: rows).wait() }
        }
    }

    func prepare() {}

    func run() throws {
        for _ in 0..<count { try once() }
    }

    func conclude(_ answer: inout StepAnswer) { answer.actions = count }
}

struct NoSharedMemory: Error, CustomStringConvertible {
    var description: String { "these ranks do not see each other's memory" }
}
