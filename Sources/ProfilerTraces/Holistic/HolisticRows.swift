/// The rows of HolisticTraceAnalysis's table that its overlap and idle figures depend on.
struct HolisticRows: Sendable {
    /// A row with a stream.
    struct Work: Sendable {
        /// Nanoseconds.
        var start: Int64
        var duration: Int64
        var stream: Int64
        var correlation: Int64
        var name: Int32
        /// Whether its category is one of those that count as kernels when idle time is split by cause.
        var isKernel: Bool
    }

    /// A row without a stream but with a correlation.
    struct Call: Sendable {
        var start: Int64
        var correlation: Int64
    }

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
    /// Whether any time of the file is no integer, or is missing, which makes the tool round all of them.
    var isRounded = false

    private var table = NameTable()

    /// The names of all work and steps, by their numbers.
    var names: [String] { (0..<Int32(table.count)).map(table.text) }

    /// The name of a number.
    func name(_ index: Int32) -> String { table.text(index) }

    @inline(__always)
    mutating func add(_ fields: EventFields) {
        if fields.timeIsFractional || fields.time == nil { isRounded = true }
        guard let start = fields.time, let duration = fields.duration, fields.hasCategory,
            !fields.categoryName.isEqual(to: "Trace"), start.magnitude < 1 << 62, duration.magnitude < 1 << 62
        else { return }
        let stream = fields.stream ?? -1
        if stream != -1 || isSynchronization(fields) {
            work.append(
                Work(
                    start: start, duration: duration, stream: stream, correlation: fields.correlation ?? -1,
                    name: table.index(of: fields.name).index, isKernel: isKernel(fields)))
        } else if isStep(fields) {
            steps.append(Step(start: start, end: start + duration, name: table.index(of: fields.name).index))
            earliestOther = min(earliestOther ?? start, start)
        } else if let correlation = fields.correlation {
            calls.append(Call(start: start, correlation: correlation))
        } else {
            earliestOther = min(earliestOther ?? start, start)
        }
    }

    private func isSynchronization(_ fields: EventFields) -> Bool {
        fields.name.isEqual(to: "Event Sync") || fields.name.isEqual(to: "Context Sync")
    }

    private func isKernel(_ fields: EventFields) -> Bool {
        fields.category.isDevice && !fields.categoryName.isEqual(to: "concurrent_kernel")
    }

    private func isStep(_ fields: EventFields) -> Bool {
        let prefix = Array("ProfilerStep#".utf8)
        return fields.name.count > prefix.count && fields.name.starts(with: prefix)
            && fields.name[prefix.count] &- 48 < 10
    }

    // MARK: The table's times, in microseconds

    /// A start, rounded up where the file has fractions.
    private func time(_ nanoseconds: Int64) -> Double {
        let exact = Double(nanoseconds / 1000) + Double(nanoseconds % 1000) / 1000
        return isRounded ? exact.rounded(.up) : exact
    }

    /// An end, rounded down where the file has fractions: of the sum of two rounded doubles, as the tool computes it.
    private func end(_ start: Int64, _ duration: Int64) -> Double {
        let exact = Double(start / 1000) + Double(start % 1000) / 1000
        let length = Double(duration / 1000) + Double(duration % 1000) / 1000
        return isRounded ? (exact + length).rounded(.down) : exact + length
    }

    /// Start and end of work.
    func times(_ work: Work) -> (start: Double, end: Double) {
        (time(work.start), end(work.start, work.duration))
    }

    /// The earliest start of any row.
    var earliest: Double? {
        [work.map(\.start).min(), calls.map(\.start).min(), earliestOther].compactMap { $0 }.min().map(time)
    }

    /// The work that the tool keeps.
    ///
    /// Rows of the device stay where a row of the host that is kept has their correlation. A row of the host is kept if
    /// it starts before the last step does or, where that step is included, before it ends; the start then counts from
    /// `origin` and the end from the clock's own, as in the tool, so that in effect every row is.
    func kept(filters: Bool, includesLastStep: Bool, origin: Double) -> [Work] {
        guard filters else { return work.filter { $0.stream != -1 } }
        let isDevice = { (row: Work) in
            row.stream >= 0 && row.correlation >= 0 || isSynchronizationName(row.name)
        }
        guard !calls.isEmpty || !steps.isEmpty || earliestOther != nil else {
            return work.filter { $0.stream != -1 }
        }
        let isKept: (Int64) -> Bool
        if includesLastStep {
            let last = steps.map { end($0.start, $0.end - $0.start) }.max() ?? .infinity
            isKept = { time($0) - origin <= last }
        } else {
            let last = steps.map { time($0.start) }.max() ?? (earliest ?? 0)
            isKept = { time($0) < last }
        }
        var correlations = Set(calls.lazy.filter { isKept($0.start) }.map(\.correlation))
        let hosted = work.filter { !isDevice($0) && isKept($0.start) }
        for row in hosted { correlations.insert(row.correlation) }
        if let earliestOther, isKept(earliestOther) { correlations.insert(-1) }
        return work.filter { isDevice($0) && correlations.contains($0.correlation) && $0.stream != -1 }
            + hosted.filter { $0.stream != -1 }
    }

    private func isSynchronizationName(_ name: Int32) -> Bool {
        ["Event Sync", "Context Sync"].contains(table.text(name))
    }
}
