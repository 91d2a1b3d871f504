/// A training step as a profiler writes it: host calls, operators, flows, and kernels on a compute and a communication
/// stream. Equal seeds give equal traces.
struct SeededTrace {
    private var state: UInt64
    private var correlation = 1

    init(seed: UInt64) {
        state = seed
    }

    private mutating func random(_ range: Range<Int>) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return range.lowerBound + Int((state >> 33) % UInt64(range.count))
    }

    /// Returns about 50 kB of events that begin at `start` microseconds and last 4,000 microseconds.
    mutating func block(at start: Int) -> String {
        var events: [String] = []
        for layer in 0..<4 {
            let begin = start + 1000 * layer
            events.append(
                #"{"ph": "X", "cat": "user_annotation", "name": "layer \#(layer)", "pid": 9, "tid": 9, "ts": \#(begin), "dur": 900, "args": {"External id": \#(correlation), "Ev Idx": \#(layer)}}"#
            )
            for piece in 0..<12 {
                let time = begin + 60 * piece + random(0..<20)
                events.append(
                    #"{"ph": "X", "cat": "cpu_op", "name": "aten::mm", "pid": 9, "tid": 9, "ts": \#(time), "dur": \#(random(2..<40)), "args": {"External id": \#(correlation), "Record function id": 0, "Input Dims": [[4096, 7168], [7168, 2048]], "Input type": ["c10::BFloat16", "c10::BFloat16"], "Ev Idx": \#(correlation)}}"#
                )
                events.append(
                    #"{"ph": "X", "cat": "cuda_runtime", "name": "cudaLaunchKernel", "pid": 9, "tid": 9, "ts": \#(time + 1), "dur": \#(random(2..<9)), "args": {"External id": \#(correlation), "cbid": 211, "correlation": \#(correlation)}}"#
                )
                events.append(
                    #"{"ph": "s", "id": \#(correlation), "pid": 9, "tid": 9, "ts": \#(time + 1), "cat": "ac2g", "name": "ac2g"}"#
                )
                let isCommunication = piece % 4 == 0
                let name =
                    isCommunication
                    ? "void deep_ep::internode::\(piece == 0 ? "dispatch" : "combine")<false, 8>(int4*, float*, long*, int)"
                    : "void cutlass::device_kernel<grouped_gemm::Kernel<\(piece), 128, 256>>(grouped_gemm::Kernel<\(piece), 128, 256>::Params)"
                events.append(
                    #"{"ph": "X", "cat": "kernel", "name": "\#(name)", "pid": 0, "tid": \#(isCommunication ? 27 : 7), "ts": \#(time + 20), "dur": \#(random(isCommunication ? 100..<180 : 20..<40)), "args": {"External id": \#(correlation), "queued": 0, "device": 0, "context": 1, "stream": \#(isCommunication ? 27 : 7), "correlation": \#(correlation), "registers per thread": 168, "shared memory": 0, "blocks per SM": 0.15151516, "warps per SM": 1.5151515, "grid": [20, 1, 1], "block": [320, 1, 1], "est. achieved occupancy %": 2}}"#
                )
                correlation += 1
            }
        }
        return events.joined(separator: ",\n")
    }
}
