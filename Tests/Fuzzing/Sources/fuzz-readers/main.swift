// fuzz-readers STATE FIXTURES [--reader NAME] [--runs N] [--seconds S] [--seed K] [--first N] [--keep FILE]
//
// Feeds damaged files to every reader of traces, and the traces that are read to the analysis. The file STATE holds the
// number of the run in progress, so that a run that crashes is known.
import Foundation
import ProfilerTraces
import Timelines

guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
    print(
        "usage: fuzz-readers STATE FIXTURES [--reader NAME] [--runs N] [--seconds S] [--seed K] [--first N] [--keep FILE]"
    )
    exit(64)
}
let fixtures = URL(filePath: options.fixtures)
let contents = { (name: String) in [UInt8](try Data(contentsOf: fixtures.appending(path: name))) }
let small = try contents("small.json")
let timeline = RunAnalysis.mergedTimeline(
    try RankTrace.ranks(path: fixtures.appending(path: "run/timeline.json.gz").path))
/// The name of a reader, bytes that it reads, and whether they are compressed with gzip after they are damaged.
let allSeeds: [(reader: String, bytes: [UInt8], isPacked: Bool)] = [
    ("json", small, false), ("json-in-gzip", small, true), ("zstd", try contents("small.json.zst"), false),
    ("gzip", try contents("members.json.gz"), false), ("sqlite", try contents("nsight.sqlite"), false),
    ("timeline", Array(timeline.chromeTraceJSON().utf8), false),
    ("timeline-gzip", try contents("run/timeline.json.gz"), false),
]
let seeds = allSeeds.filter { options.reader == nil || options.reader == $0.reader }
guard !seeds.isEmpty else {
    print("there is no reader \(options.reader ?? ""): \(allSeeds.map(\.reader).joined(separator: ", "))")
    exit(64)
}
let limits = TraceReadLimits(eventBytes: 1 << 18, unpackedBytes: 1 << 24)
let state = open(options.state, O_RDWR | O_CREAT, 0o600)
let path = FileManager.default.temporaryDirectory.appending(path: "fuzz-\(getpid())").path
let file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
guard state >= 0, file >= 0 else {
    print("cannot write \(options.state) or \(path)")
    exit(1)
}

/// Checks the properties that hold for every trace.
func check(_ run: RunAnalysis) {
    for rank in run.ranks {
        precondition(rank.idle.total == rank.breakdown.idle, "idle causes do not sum to the idle time")
        let exposed = rank.families.reduce(0) { $0 + $1.exposed }
        precondition(exposed == rank.breakdown.exposed, "exposed parts do not sum to the whole")
        precondition(rank.breakdown.busy >= 0 && rank.breakdown.overlap >= 0, "a time is negative")
        _ = rank.findings
    }
    for rank in run.pipeline?.ranks ?? [] {
        precondition(
            rank.bubbles.allSatisfy { $0.waiting >= 0 && $0.transfer >= 0 && $0.other >= 0 }, "a bubble is negative")
    }
}

var read = 0
var runsOfReader: [String: Int] = [:]
var slowest = (seconds: 0.0, run: 0)
var done = 0
let begin = Date()
for index in options.first..<options.first + options.runs {
    if done.isMultiple(of: 256), Date().timeIntervalSince(begin) > options.seconds { break }
    var mutation = Mutation(seed: options.seed &* 0x1_0000_0000 &+ UInt64(index))
    let seed = seeds[mutation.next(seeds.count)]
    var data = seed.bytes
    mutation.damage(&data, with: allSeeds[mutation.next(allSeeds.count)].bytes)
    if seed.isPacked { data = gzip(data) }
    var number = Int64(index)
    pwrite(state, &number, 8, 0)
    ftruncate(file, 0)
    pwrite(file, data, data.count, 0)
    if let kept = options.kept { try Data(data).write(to: URL(filePath: kept)) }
    let start = clock()
    // A refused file throws an error. Any other failure ends the process.
    if let traces = try? RankTrace.ranks(path: path, limits: limits) {
        read += 1
        let run = RunAnalysis(traces)
        check(run)
        if index.isMultiple(of: 4) { _ = run.markedTimeline(traces).chromeTraceJSON() }
        if index.isMultiple(of: 8) { check(RunAnalysis(traces, window: 10_000..<60_000)) }
    }
    if index.isMultiple(of: 4) { _ = try? HolisticAnalysis(paths: [path], limits: limits) }
    let taken = Double(clock() - start) / Double(CLOCKS_PER_SEC)
    if taken > slowest.seconds { slowest = (taken, index) }
    done += 1
    runsOfReader[seed.reader, default: 0] += 1
}
unlink(path)
let taken = Int(Date().timeIntervalSince(begin))
print(
    "\(done) damaged files in \(taken) s with seed \(options.seed) from run \(options.first): \(read) read, \(done - read) refused; "
        + "the slowest took \(Int(slowest.seconds * 1000)) ms (run \(slowest.run))")
for (reader, count) in runsOfReader.sorted(by: { $0.key < $1.key }) { print("  \(reader): \(count)") }
