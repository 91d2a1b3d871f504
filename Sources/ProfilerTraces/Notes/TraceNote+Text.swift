extension TraceNote.Kind {
    /// The name of the kind in JSON.
    public var name: String {
        switch self {
        case .truncated: "truncated"
        case .unreadable: "unreadable"
        case .invalidTimes: "invalid_times"
        case .emptyEvents: "empty_events"
        case .clipped: "clipped"
        case .graphBlocks: "graph_blocks"
        case .graphLaunches: "graph_launches"
        case .idleWithoutLaunch: "idle_without_launch"
        case .noDeviceWork: "no_device_work"
        case .renumbered: "renumbered"
        case .fusedCommunication: "fused_communication"
        case .unmatchedCollectives: "unmatched_collectives"
        case .messagesWithoutPeer: "messages_without_peer"
        case .messagesWithoutCounterpart: "messages_without_counterpart"
        case .withoutRank: "without_rank"
        }
    }
}

extension TraceNote {
    /// The fault, its extent and its treatment, as one line.
    public var text: String {
        switch kind {
        case .truncated: "the file is truncated: \(counted("device event")) before its end \(were) read"
        case .unreadable:
            "\(counted("event")) could not be read and \(were) left out: the JSON text is malformed, as if a quote in a "
                + "name is not escaped"
        case .invalidTimes: "\(counted("device event")) without a valid time \(were) left out"
        case .emptyEvents: "\(counted("device event")) with a duration of 0 \(were) left out"
        case .clipped:
            "\(counted("device event")) that lasted over the start of the next one on the same stream \(were) clipped "
                + "there, by \(milliseconds(time)) ms in total (give one trace per rank if the file was merged)"
        case .graphBlocks:
            "\(milliseconds(time)) ms of the busy time is in \(counted("CUDA graph")) whose kernels were not recorded: "
                + "profile again with nsys profile --cuda-graph-trace=node"
        case .graphLaunches:
            "the kernels of \(counted("launch", plural: "launches")) of CUDA graphs were not recorded, so that their time "
                + "counts as idle: start the profiler before the graphs are captured, or profile without CUDA graphs"
        case .idleWithoutLaunch:
            "the cause of \(milliseconds(time)) ms of the idle time is not known, because the launches of the work after it "
                + "were not recorded: profile with ProfilerActivity.CPU"
        case .noDeviceWork: "the trace contains no device events"
        case .withoutRank: "not all traces state their rank: all are numbered in the order given"
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

    private func counted(_ noun: String, plural: String? = nil) -> String {
        "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
    }
    private var were: String { count == 1 ? "was" : "were" }
}
