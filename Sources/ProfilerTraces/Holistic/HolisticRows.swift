/// The rows of HolisticTraceAnalysis's table of events that its overlap and idle figures depend on.
struct HolisticRows: Sendable {
    /// A row with a stream, or a synchronization.
    struct Work: Sendable {
        /// The start in nanoseconds.
        var start: Int64
        /// The duration in nanoseconds.
        var duration: Int64
        var stream: Int64
        var correlation: Int64
        var name: Int32
        /// The index of the event in the file.
        var index: Int
        /// The number of times that the tool's table has the row: once per call with the same correlation number.
        var copies = 1
        /// Whether the category counts as a kernel when idle time is divided by cause.
        var isKernel: Bool
        /// Whether the row is a synchronization with an event or a context.
        var isSynchronization: Bool
    }

    /// A row without a stream but with a correlation number.
    struct Call: Sendable {
        var start: Int64
        var correlation: Int64
    }

    /// The start and end of a row, in microseconds from the earliest start of any row of any rank.
    typealias Times = (start: Double, end: Double)

    /// A profiler step.
    struct Step: Sendable {
        var start: Int64
        var end: Int64
        var name: Int32
    }

    var work: [Work] = []
    var calls: [Call] = []
    var steps: [Step] = []
    /// The earliest start of a row that has neither stream nor correlation.
    var earliestOther: Int64?
    /// The start of the file's first event; nil if it is not a row of the host.
    var firstStart: Int64?
    /// Whether any start in the file is missing or not an integer. If so, the tool rounds all times of the file.
    var isRounded = false

    private var table = NameTable()

    /// The names of all work and steps, by index.
    var names: [String] { (0..<Int32(table.count)).map(table.text) }

    @inline(__always) mutating func add(_ fields: EventFields, index: Int) {
        if fields.timeIsFractional || fields.time == nil { isRounded = true }
        guard let start = fields.time, let duration = fields.duration, fields.hasCategory,
            !fields.categoryName.isEqual(to: "Trace"), start.magnitude < 1 << 62, duration.magnitude < 1 << 62
        else { return }
        let stream = fields.stream ?? -1
        let isSynchronization = fields.name.isEqual(to: "Event Sync") || fields.name.isEqual(to: "Context Sync")
        if stream != -1 || isSynchronization {
            work.append(
                Work(
                    start: start, duration: duration, stream: stream, correlation: fields.correlation ?? -1,
                    name: table.index(of: fields.name).index, index: index, isKernel: isKernel(fields),
                    isSynchronization: isSynchronization))
            return
        }
        if index == 0 { firstStart = start }
        if Self.isStep(fields.name) {
            steps.append(Step(start: start, end: start + duration, name: table.index(of: fields.name).index))
            earliestOther = min(earliestOther ?? start, start)
        } else if let correlation = fields.correlation {
            calls.append(Call(start: start, correlation: correlation))
        } else {
            earliestOther = min(earliestOther ?? start, start)
        }
    }

    private func isKernel(_ fields: EventFields) -> Bool {
        if fields.category.isDevice {
            return !["concurrent_kernel", "memcpy", "memset"].contains(where: fields.categoryName.isEqual)
        }
        return fields.categoryName.isEqual(to: "mtia_ccp_events")
    }

    /// Returns whether a name is that of a profiler step.
    static func isStep(_ name: some Collection<UInt8>) -> Bool {
        let prefix = "ProfilerStep#".utf8
        return name.starts(with: prefix) && (name.dropFirst(prefix.count).first ?? 0) &- 48 < 10
    }

    // MARK: The table's times, in microseconds

    /// Returns a start in microseconds, rounded up if the file has fractions.
    func time(_ nanoseconds: Int64) -> Double {
        let exact = Double(nanoseconds / 1000) + Double(nanoseconds % 1000) / 1000
        return isRounded ? exact.rounded(.up) : exact
    }

    /// Returns a duration in microseconds. If the file has fractions, the duration is the end rounded down minus the
    /// start rounded up. The end is the sum of two doubles, as in the tool, so that both round the same way.
    private func length(_ start: Int64, _ duration: Int64) -> Double {
        let length = Double(duration / 1000) + Double(duration % 1000) / 1000
        guard isRounded else { return length }
        let exact = Double(start / 1000) + Double(start % 1000) / 1000
        return (exact + length).rounded(.down) - exact.rounded(.up)
    }

    /// Returns the start and end of work. The origin is subtracted from the start before the length is added, since the
    /// tool does so and doubles round.
    func times(_ work: Work, origin: Double) -> Times {
        let start = time(work.start) - origin
        return (start, start + length(work.start, work.duration))
    }

    /// The earliest start of any row.
    var earliest: Double? {
        [work.map(\.start).min(), calls.map(\.start).min(), earliestOther].compactMap { $0 }.min().map(time)
    }

    // MARK: The tool's filter

    /// Returns a function that tells, by a row's start, whether the tool keeps a row of the host; nil if the host has
    /// no row, in which case all rows are kept.
    ///
    /// A row is kept if it starts before the last step starts. If the last step is included, a row is kept if it starts
    /// before that step ends. The tool then compares a start relative to `origin` with an end on the trace's own clock,
    /// so in effect it keeps every row.
    func hostFilter(includesLastStep: Bool, origin: Double) -> ((Int64) -> Bool)? {
        guard !calls.isEmpty || !steps.isEmpty || earliestOther != nil else { return nil }
        if includesLastStep {
            let last = steps.map { time($0.start) + length($0.start, $0.end - $0.start) }.max() ?? .infinity
            return { time($0) - origin <= last }
        }
        let last = steps.map { time($0.start) }.max() ?? (earliest ?? 0)
        return { time($0) < last }
    }

    /// Returns the work that the tool keeps: each row of the device once per row of the host that passes the filter and
    /// has the same correlation number.
    func kept(_ keepsHost: ((Int64) -> Bool)?) -> [Work] {
        guard let keepsHost else { return work.filter { $0.stream != -1 } }
        let isDevice = { (row: Work) in row.stream >= 0 && row.correlation >= 0 || row.isSynchronization }
        var uses: [Int64: Int] = [:]
        for call in calls where keepsHost(call.start) { uses[call.correlation, default: 0] += 1 }
        let hosted = work.filter { !isDevice($0) && keepsHost($0.start) }
        for row in hosted { uses[row.correlation, default: 0] += 1 }
        if let earliestOther, keepsHost(earliestOther) { uses[-1, default: 0] += 1 }
        let onDevice = work.compactMap { row -> Work? in
            var row = row
            row.copies = isDevice(row) && row.stream != -1 ? uses[row.correlation] ?? 0 : 0
            return row.copies > 0 ? row : nil
        }
        return onDevice + hosted.filter { $0.stream != -1 }
    }
}
