extension TraceNote.Kind {
    /// The name of the kind in JSON.
    public var name: String {
        switch self {
        case .truncated: "truncated"
        case .invalidTimes: "invalid_times"
        case .noDeviceWork: "no_device_work"
        case .renumbered: "renumbered"
        case .fusedCommunication: "fused_communication"
        case .unmatchedCollectives: "unmatched_collectives"
        case .messagesWithoutPeer: "messages_without_peer"
        case .messagesWithoutCounterpart: "messages_without_counterpart"
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
        case .fusedCommunication:
            "\(counted("kernel")) of \(milliseconds(time)) ms both \(count == 1 ? "computes and communicates" : "compute and communicate") "
                + "and \(count == 1 ? "counts" : "count") as computation"
        case .unmatchedCollectives:
            "\(counted("collective")) without a certain partner on the other ranks \(were) not matched"
        case .messagesWithoutPeer:
            "no pipeline is derived from \(counted("kernel")) that \(count == 1 ? "sends or receives" : "send or receive") "
                + "and \(count == 1 ? "names" : "name") neither peer nor process group"
        case .messagesWithoutCounterpart:
            "no pipeline is derived from \(counted("message")) without a counterpart in the other traces"
        }
    }

    private func counted(_ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
    private var were: String { count == 1 ? "was" : "were" }
}
