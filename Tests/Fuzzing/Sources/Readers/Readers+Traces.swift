import Foundation
import ProfilerTraces
import StreamCompression
import Timelines

extension Options {
    /// The readers of traces, timelines and rules for kernels. Traces are read from a file, since they do not have to fit
    /// into memory.
    func traceReaders() throws -> [Reader] {
        let folder = URL(filePath: traces)
        func contents(_ name: String) throws -> [UInt8] {
            [UInt8](try Data(contentsOf: folder.appending(path: name)))
        }
        let small = try contents("small.json")
        let file = try TraceFile()
        let read = { (bytes: [UInt8]) in try file.read(bytes) }
        return [
            Reader("trace", [small], read),
            Reader("trace-in-gzip", [small]) { try file.read([UInt8](GzipEncoder.encode(Data($0)))) },
            Reader("gzip", [try contents("members.json.gz")], read),
            Reader("zstd", [try contents("small.json.zst")], read),
            Reader("nsight", try ["nsight.sqlite", "devices.sqlite", "graphs.sqlite"].map(contents), read),
            try Reader("timeline", in: self, read),
            try Reader("rules", in: self) { bytes in
                var rules = KernelRules()
                try rules.add(file: String(decoding: bytes, as: UTF8.self))
                _ = try rules.kind(of: "void at::native::vectorized_elementwise_kernel<4>(int)", isCopy: false)
            },
        ]
    }
}

/// A file in memory, as far as the system allows, that holds one damaged trace after the other.
private final class TraceFile {
    private let path: String
    private let descriptor: Int32
    private let limits = TraceReadLimits(
        eventBytes: 1 << 18, unpackedBytes: 1 << 24, events: 100_000, lanes: 1 << 12, nameBytes: 1 << 22)

    init() throws {
        path = Failure.memoryFolder.appending(path: "contraflow-fuzz-\(getpid())").path
        descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        Failure.removeAtEnd(path)
    }

    /// Reads a damaged trace, and analyzes it if it is not refused.
    func read(_ bytes: [UInt8]) throws {
        ftruncate(descriptor, 0)
        pwrite(descriptor, bytes, bytes.count, 0)
        // The choice depends on the bytes alone, so that a run can be repeated.
        let count = bytes.count
        if count.isMultiple(of: 4) { _ = try? HolisticAnalysis(paths: [path], limits: limits) }
        let traces = try RankTrace.ranks(path: path, limits: limits)
        let run = RunAnalysis(traces)
        check(run)
        if count.isMultiple(of: 4) { _ = run.markedTimeline(traces).chromeTraceJSON() }
        if count.isMultiple(of: 8) { check(RunAnalysis(traces, window: 10_000..<60_000)) }
    }

    /// Checks the properties that hold for every trace.
    private func check(_ run: RunAnalysis) {
        for rank in run.ranks {
            require(rank.idle.total == rank.breakdown.idle, "idle causes sum to the idle time")
            let exposed = rank.families.map(\.exposed)
            require(
                exposed.reduce(0, +) >= rank.breakdown.exposed && exposed.allSatisfy { $0 <= rank.breakdown.exposed },
                "exposed parts make the whole")
            require(rank.breakdown.busy >= 0 && rank.breakdown.overlap >= 0, "no time is negative")
            _ = rank.findings
        }
        for rank in run.pipeline?.ranks ?? [] {
            require(
                rank.bubbles.allSatisfy { $0.waiting >= 0 && $0.transfer >= 0 && $0.other >= 0 },
                "no bubble is negative")
        }
    }
}
