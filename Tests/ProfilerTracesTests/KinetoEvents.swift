import ProfilerTraces
import TestSupport

/// A profiler's trace of one rank, event by event. Times are microseconds.
struct KinetoEvents {
    private var events: [String] = []
    private var correlation = 0
    let rank: Int

    init(rank: Int = 0) { self.rank = rank }

    /// Adds a kernel. `arguments` are further members of its arguments, each with a comma before it.
    mutating func kernel(_ name: String, _ start: Int, _ duration: Int, stream: Int = 7, _ arguments: String = "") {
        events.append(
            #"{"ph":"X","cat":"kernel","name":"\#(name)","pid":0,"tid":\#(stream),"ts":\#(start),"dur":\#(duration),"#
                + #""args":{"stream":\#(stream),"device":0\#(arguments)}}"#)
    }

    /// Adds a kernel and the call that launched it at `launch`.
    mutating func launched(_ name: String, at launch: Int, _ start: Int, _ duration: Int, stream: Int = 20) {
        correlation += 1
        kernel(name, start, duration, stream: stream, #","correlation":\#(correlation)"#)
        event("cuda_runtime", "cudaLaunchKernelExC", launch, 1, #""correlation":\#(correlation)"#)
    }

    /// Adds an event of the host's only thread.
    mutating func event(
        _ category: String, _ name: String, _ start: Int, _ duration: Int, _ arguments: String = ""
    ) {
        events.append(
            #"{"ph":"X","cat":"\#(category)","name":"\#(name)","pid":11,"tid":11,"ts":\#(start),"dur":\#(duration),"#
                + #""args":{\#(arguments)}}"#)
    }

    func trace() throws -> RankTrace {
        let text =
            #"{"distributedInfo":{"rank":\#(rank)},"traceEvents":["# + events.joined(separator: ",\n") + "]}"
        return try withTemporaryFile(text) { try RankTrace(path: $0) }
    }
}
