// Feeds damaged files to all readers of untrusted files, in one process; see Tests/Fuzzing/run.
import Foundation

guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
    print(Options.usage)
    exit(64)
}
let all = try options.trainingReaders() + options.balancingReaders() + options.traceReaders() + options.runReaders()
let readers = options.readers.isEmpty ? all : all.filter { options.readers.contains($0.name) }
guard readers.count == (options.readers.isEmpty ? all.count : options.readers.count) else {
    print("a reader is unknown: give some of \(all.map(\.name).joined(separator: ", "))")
    exit(64)
}
Failure.prepare()
let begin = Date()
var total = 0
var slowest = (seconds: 0.0, reader: "", run: 0)
for reader in readers {
    let start = Date()
    var accepted = 0
    var done = 0
    for run in options.first..<options.first + options.runs {
        if done.isMultiple(of: 256), Date().timeIntervalSince(begin) > options.seconds { break }
        var mutation = Mutation(seed: options.seed &* 0x1_0000_0000 &+ UInt64(run), words: reader.words)
        var data = reader.files[mutation.next(reader.files.count)]
        mutation.damage(&data, with: reader.files[mutation.next(reader.files.count)])
        Failure.begin(data, reader: reader.name, run: run, seed: options.seed)
        if let kept = options.kept { try Data(data).write(to: URL(filePath: kept)) }
        let started = clock()
        if (try? reader.read(data)) != nil { accepted += 1 }
        let taken = Double(clock() - started) / Double(CLOCKS_PER_SEC)
        if taken > slowest.seconds { slowest = (taken, reader.name, run) }
        done += 1
    }
    let rate = Int(Double(done) / max(Date().timeIntervalSince(start), 1e-9))
    print("\(reader.name): \(done) damaged files, \(accepted) read, \(done - accepted) refused, \(rate) per second")
    total += done
}
alarm(0)
print(
    "\(total) damaged files in \(Int(Date().timeIntervalSince(begin))) s with seed \(options.seed) from run "
        + "\(options.first), no failure; the slowest took \(Int(slowest.seconds * 1000)) ms (\(slowest.reader), run "
        + "\(slowest.run))")
