import Foundation
import LibTorch
package import Timelines

/// Records the spans of a rank as they happen. A span costs two clock reads and an append.
///
/// Only the rank's thread may use it.
package final class SpanRecorder {
    /// A lane and an event, by their indices in the recorded timeline.
    package struct Key {
        fileprivate let lane: Int32
        fileprivate let event: Int32
    }

    private let rank: Int
    /// The spans recorded so far.
    package private(set) var timeline = Timeline()
    /// Whether libtorch's profiler also records the spans that have a body, as ranges.
    package var isAnnotated = false

    package init(rank: Int) { self.rank = rank }

    /// Returns the key for spans of `event` on the rank's lane `lane`.
    package func key(_ lane: RecordingLane, _ event: TimelineEvent) -> Key {
        Key(lane: timeline.index(of: TimelineLane(rank: rank, name: lane.rawValue)), event: timeline.index(of: event))
    }

    /// Returns the time of the machine's monotonic clock in nanoseconds. All ranks of a machine share this clock.
    @inline(__always)
    package func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Runs `body` and records its span. If `body` throws, nothing is recorded.
    func recording<Result>(_ key: Key, _ body: () throws -> Result) rethrows -> Result {
        let start = now()
        let result =
            isAnnotated ? try Profiler.annotating(timeline.events[Int(key.event)].name, body) : try body()
        record(key, from: start)
        return result
    }

    /// Records a span from `start` until now.
    package func record(_ key: Key, from start: Int64) { record(key, start..<now()) }

    /// Records a span of the given interval.
    package func record(_ key: Key, _ interval: Range<Int64>) {
        timeline.append(
            TimeSpan(
                start: interval.lowerBound, duration: interval.upperBound - interval.lowerBound, lane: key.lane,
                event: key.event))
    }

    /// Removes all spans. Keys stay valid.
    package func clear() { timeline.removeAllSpans() }
}
