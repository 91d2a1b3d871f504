import Foundation
package import Timelines

/// Writes down what a rank does while it does it: a clock read and an append a span.
///
/// It belongs to the rank's thread.
package final class SpanRecorder {
    /// A lane and an event, by their indices in the timeline that is made.
    package struct Key {
        fileprivate let lane: Int32
        fileprivate let event: Int32
    }

    private let rank: Int
    /// What has been recorded so far.
    package private(set) var timeline = Timeline()

    package init(rank: Int) { self.rank = rank }

    /// The key under which spans of `event` on the rank's lane `lane` are recorded.
    package func key(_ lane: RecordingLane, _ event: TimelineEvent) -> Key {
        Key(lane: timeline.index(of: TimelineLane(rank: rank, name: lane.rawValue)), event: timeline.index(of: event))
    }

    /// Nanoseconds on the machine's monotonic clock, which its ranks share.
    @inline(__always)
    package func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Runs `body` and records how long it took; nothing where it throws.
    func recording<Result>(_ key: Key, _ body: () throws -> Result) rethrows -> Result {
        let start = now()
        let result = try body()
        record(key, from: start)
        return result
    }

    /// Records that something ran from `start` until now.
    package func record(_ key: Key, from start: Int64) { record(key, start..<now()) }

    /// Records that something ran during `interval`.
    package func record(_ key: Key, _ interval: Range<Int64>) {
        timeline.append(
            TimeSpan(
                start: interval.lowerBound, duration: interval.upperBound - interval.lowerBound, lane: key.lane,
                event: key.event))
    }

    /// Begins anew, with the same keys.
    package func clear() { timeline.removeAllSpans() }
}
