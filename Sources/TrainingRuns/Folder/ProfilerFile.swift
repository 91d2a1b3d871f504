import Foundation
import StreamCompression
package import Timelines

/// A file of Chrome-trace JSON that libtorch's profiler wrote.
package struct ProfilerFile {
    private let folder: OpenFolder
    private let name: String

    /// The file of a name that ends with `.json`.
    package init(_ name: String, in folder: OpenFolder) {
        self.folder = folder
        self.name = name
    }

    /// The largest size of a recording, in bytes.
    private static let byteLimit = 1 << 32

    /// Replaces the file by a gzip file, with the spans of a timeline as further events.
    ///
    /// - Parameter timeline: Spans whose times are those of the machine's monotonic clock.
    package func compress(adding timeline: Timeline) throws {
        var data = try folder.read(name, limit: Self.byteLimit)
        if let events = data.range(of: Data(#""traceEvents": ["#.utf8)) {
            let head = String(decoding: data[..<events.upperBound], as: UTF8.self)
            let base = head.firstMatch(of: /"baseTimeNanoseconds": (\d+)/).flatMap { Int64($0.1) } ?? 0
            var shifted = Timeline()
            shifted.append(contentsOf: timeline, offset: Self.realTimeOffset - base)
            let lines = shifted.chromeTraceEvents().map { $0 + ",\n" }.joined()
            data.insert(contentsOf: Data(lines.utf8), at: events.upperBound)
        }
        try folder.write(GzipEncoder.encode(data), to: name + ".gz")
        try folder.removeFile(name)
    }

    /// The real time at the origin of the monotonic clock, in nanoseconds since 1970.
    private static var realTimeOffset: Int64 {
        func now(_ clock: clockid_t) -> Int64 {
            var time = timespec()
            clock_gettime(clock, &time)
            return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        }
        return now(CLOCK_REALTIME) - now(CLOCK_MONOTONIC)
    }
}
