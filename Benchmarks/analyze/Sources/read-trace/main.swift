// read-trace TRACE
//
// Reads a trace as `contraflow analyze` does and analyses nothing. Read once before, so that the file and the memory are
// warm; prints the CPU seconds of the second pass, then how many pieces of work, launches and ranges it kept.
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
