// read-trace TRACE
//
// Reads a trace as `contraflow analyze` does, without analysis. The trace is read twice, so that file and memory are
// warm in the second pass. Prints the CPU seconds of the second pass, then the numbers of spans, launches and
// annotations.
import Foundation
import ProfilerTraces

guard CommandLine.arguments.count == 2 else {
    print("usage: read-trace TRACE")
    exit(64)
}
_ = try RankTrace(path: CommandLine.arguments[1])
let begin = clock()
let trace = try RankTrace(path: CommandLine.arguments[1])
let seconds = Double(clock() - begin) / Double(CLOCKS_PER_SEC)
print(seconds, trace.timeline.spans.count, trace.launches.count, trace.annotations.count)
