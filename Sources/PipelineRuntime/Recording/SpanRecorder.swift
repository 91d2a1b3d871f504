package import DistributedRuntime
package import LibTorch
package import RankHeartbeats
package import Timelines

/// Records the spans of a rank: on the CPU as they happen, on a device from marks on its streams, which are read at the
/// end of the step. On the CPU, a span costs two clock reads and an append.
///
/// Only the rank's thread may use it.
package final class SpanRecorder {
    /// The clock of the spans.
    package enum Clock: Sendable {
        /// The host's clock, at the time of the call.
        case host
        /// The time at which a stream reaches a mark.
        case streams
    }

    /// A lane and an event, by their indices in the recorded timeline.
    package struct Key {
        fileprivate let lane: Int32
        fileprivate let event: Int32
        /// The number of the event's name on the page of the rank's heartbeat.
        fileprivate let name: UInt32
    }

    /// The begin or end of a span: a time of the host's clock, or the index of a mark.
    package struct Moment {
        fileprivate let value: Int64
    }

    /// The extent of an operation of a process group, which may not have ended.
    package struct Extent {
        package let work: PendingWork
        fileprivate let start: Moment
        /// The end on the streams' clock. On the host's clock, the operation reports its end.
        fileprivate let end: Moment?
    }

    private let rank: Int
    /// The page of the rank's heartbeat; nil if the rank has none.
    private let page: BeatPage?
    /// The marks of the step; nil for the host's clock.
    private let marks: StepMarks?
    /// The spans between two marks of the step.
    private var marked: [(key: Key, start: Moment, end: Moment)] = []
    /// The streams that wait for operations in the step.
    private var timers: [Stream] = []
    /// The spans recorded so far. On the streams' clock, those of a step are added by ``finish()``.
    package private(set) var timeline = Timeline()
    /// Whether libtorch's profiler also records the spans that have a body, as ranges.
    package var isAnnotated = false
    /// The number of marks that exist, used or not.
    package var markCount: Int { marks?.count ?? 0 }

    package init(rank: Int, clock: Clock = .host, page: BeatPage? = nil) {
        self.rank = rank
        self.page = page
        marks = clock == .host ? nil : StepMarks()
    }

    /// Returns the key for spans of `event` on the rank's lane `lane`.
    package func key(_ lane: RecordingLane, _ event: TimelineEvent) -> Key {
        Key(
            lane: timeline.index(of: TimelineLane(rank: rank, name: lane.rawValue)), event: timeline.index(of: event),
            name: event.action == nil ? page?.addName(event.name) ?? 0 : 0)
    }

    /// Returns the present moment of the current stream.
    @inline(__always)
    package func now() throws -> Moment {
        guard let marks else { return Moment(value: HostClock.now()) }
        return Moment(value: Int64(try marks.add { try $0.record() }))
    }

    /// Runs `body` and records its span. If `body` throws, nothing is recorded. The heartbeat's page shows the event from
    /// now on.
    func recording<Result>(_ key: Key, _ body: () throws -> Result) throws -> Result {
        page?.begin(segment: key.name)
        let start = try now()
        let result =
            isAnnotated ? try Profiler.annotating(timeline.events[Int(key.event)].name, body) : try body()
        record(key, from: start, to: try now())
        return result
    }

    /// Shows an event on the heartbeat's page that begins now and is not recorded yet.
    func publish(_ key: Key) { page?.begin(segment: key.name) }

    /// Records a span.
    package func record(_ key: Key, from start: Moment, to end: Moment) {
        guard marks == nil else { return marked.append((key, start, end)) }
        record(key, start.value..<max(start.value, end.value))
    }

    /// Records a span of the given interval, in nanoseconds of the host's clock.
    package func record(_ key: Key, _ interval: Range<Int64>) {
        timeline.append(
            TimeSpan(
                start: interval.lowerBound, duration: interval.upperBound - interval.lowerBound, lane: key.lane,
                event: key.event))
    }

    /// Starts an operation of a process group and returns its extent.
    ///
    /// - Parameters:
    ///   - timer: A stream that only waits for the operations of one communicator, and so tells when they begin and end:
    ///     after their input is computed and the operation before has ended.
    ///   - event: The event after which the input is computed.
    package func extent(on timer: Stream?, after event: Event, _ start: () throws -> PendingWork) throws -> Extent {
        guard let marks, let timer else {
            let moment = try now()
            return Extent(work: try start(), start: moment, end: nil)
        }
        if !timers.contains(where: { $0 === timer }) { timers.append(timer) }
        let begin = try timer.perform(after: event) { try now() }
        let work = try start()
        let end = try timer.perform { try marks.add { try work.markEnd($0) } }
        return Extent(work: work, start: begin, end: Moment(value: Int64(end)))
    }

    /// Records the span of an operation that the rank has waited for.
    package func record(_ key: Key, _ extent: Extent) throws {
        let end = try extent.end ?? extent.work.end.map { Moment(value: $0) } ?? now()
        record(key, from: extent.start, to: end)
    }

    /// Makes the current stream wait for all marks of the step. The host then waits for the current stream.
    package func close() throws {
        for timer in timers { try timer.perform { try Event.record() }.wait() }
        timers = []
    }

    /// Adds the spans of the step to the timeline. The host must have waited for the current stream after ``close()``.
    ///
    /// - Throws: `LibTorchError` if a stream has not reached one of the step's marks.
    package func finish() throws {
        guard let marks else { return }
        let times = try marks.times()
        for span in marked {
            let start = times[Int(span.start.value)]
            record(span.key, start..<max(start, times[Int(span.end.value)]))
        }
        clearMarks()
    }

    /// Removes all spans. Keys stay valid.
    package func clear() {
        timeline.removeAllSpans()
        clearMarks()
    }

    private func clearMarks() {
        marked.removeAll(keepingCapacity: true)
        timers = []
        marks?.clear()
    }
}
