import ProfilerTraces
import TestSupport

/// Chrome-trace JSON of events, for tests. Times are microseconds.
enum TraceText {
    static let gemm = "gemm"
    static let allReduce = "ncclDevKernel_AllReduce"

    /// Work of a device.
    static func work(
        _ name: String, process: String = "0", device: Int? = 0, stream: Int = 7, at time: String, _ duration: String,
        number: Int? = nil, category: String = "kernel"
    ) -> String {
        let arguments = [
            device.map { #""device":\#($0)"# }, #""stream":\#(stream)"#, number.map { #""correlation":\#($0)"# },
        ]
        return #"{"ph":"X","cat":"\#(category)","name":"\#(name)","pid":\#(process),"tid":\#(stream),"ts":\#(time),"#
            + #""dur":\#(duration),"args":{\#(arguments.compactMap(\.self).joined(separator: ","))}}"#
    }

    /// A call of the host's runtime.
    static func call(
        _ name: String = "cudaLaunchKernel", process: String = "11", at time: String, number: Int,
        category: String = "cuda_runtime"
    ) -> String {
        #"{"ph":"X","cat":"\#(category)","name":"\#(name)","pid":\#(process),"tid":\#(process),"ts":\#(time),"dur":5,"#
            + #""args":{"correlation":\#(number)}}"#
    }

    /// Reads the traces of a file of events.
    static func read(_ events: [String]) throws -> [RankTrace] {
        try withTemporaryFile("[" + events.joined(separator: ",\n") + "]") { try TraceFiles([$0]).read() }
    }
}
