extension TraceNote.Kind {
    /// The name of the kind in JSON.
    public var name: String {
        switch self {
        case .truncated: "truncated"
        case .invalidTimes: "invalid_times"
        case .noDeviceWork: "no_device_work"
        case .renumbered: "renumbered"
        }
    }
}

extension TraceNote {
    /// The fault, its extent and its treatment, as one line.
    public var text: String {
        switch kind {
        case .truncated: "the file is truncated: \(counted("device event")) before its end \(were) read"
        case .invalidTimes: "\(counted("device event")) without a valid time \(were) left out"
        case .noDeviceWork: "the trace contains no device events"
        case .renumbered: "several traces state the same rank: all traces are numbered in the order given"
        }
    }

    private func counted(_ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
    private var were: String { count == 1 ? "was" : "were" }
}
