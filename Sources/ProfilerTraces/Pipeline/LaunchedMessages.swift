import Timelines

/// The messages of one rank whose kernels name neither peer nor process group, from the host's calls and ranges in which
/// the kernels were launched. PyTorch gives no arguments to a kernel that runs a batch of sends and receives.
struct LaunchedMessages {
    /// For each span that sends or receives, its messages. A batch has several.
    private(set) var messages: [Int: [LaunchedMessage]] = [:]
    /// The spans of which the host does not tell whether and to whom they send.
    private(set) var unknown: [Int] = []

    /// A call or range of a thread that names communication.
    private struct HostRange {
        var interval: Range<Int64>
        /// The message; nil for any other communication.
        var message: LaunchedMessage?
        /// Whether the range launches a batch, in contrast to an operation such as `nccl:all_to_all`, which also runs as
        /// a kernel that sends and receives.
        var isBatch = false
    }

    init(_ trace: RankTrace) {
        let isCandidate = trace.kinds.map { $0.family.hasSuffix("send-receive") }
        guard isCandidate.contains(true) else { return }
        let candidates = trace.timeline.spans.indices.filter {
            guard isCandidate[Int(trace.timeline.spans[$0].event)] else { return false }
            let collective = Int(trace.collectiveOfSpan[$0])
            return collective < 0 || trace.collectives[collective].operation.contains("coalesced")
        }
        guard !candidates.isEmpty else { return }
        let ranges = Self.ranges(trace)
        unknown = candidates.filter { trace.launchOfSpan[$0] < 0 }
        let launched = Dictionary(grouping: candidates.filter { trace.launchOfSpan[$0] >= 0 }) {
            trace.launches[Int(trace.launchOfSpan[$0])].thread
        }
        for (thread, spans) in launched {
            let start = { (span: Int) in trace.launches[Int(trace.launchOfSpan[span])].start }
            add(spans.sorted { (start($0), $0) < (start($1), $1) }, ranges[thread] ?? [], start: start)
        }
        unknown.sort()
    }

    /// The calls and ranges of each thread that name communication, by start.
    private static func ranges(_ trace: RankTrace) -> [Int32: [HostRange]] {
        var ranges: [Int32: [HostRange]] = [:]
        for call in trace.messageCalls {
            ranges[call.thread, default: []].append(HostRange(interval: call.interval, message: .call(call.message)))
        }
        for annotation in trace.annotations {
            let message = MessageRange(name: annotation.name)
            guard message != nil || annotation.name.hasPrefix("nccl") else { continue }
            let isBatch = annotation.name.contains("coalesced") || annotation.name.contains("Group")
            ranges[annotation.thread, default: []].append(
                HostRange(
                    interval: annotation.start..<annotation.end, message: message.map { .range($0) }, isBatch: isBatch))
        }
        return ranges.mapValues { $0.sorted { $0.interval.lowerBound < $1.interval.lowerBound } }
    }

    /// Adds the messages of the spans that one thread launched, in the order of their launches. A launch within a call
    /// or range that sends or receives is that message. A batch is launched after the calls of its messages.
    private mutating func add(_ spans: [Int], _ ranges: [HostRange], start: (Int) -> Int64) {
        var next = 0
        var open: [HostRange] = []
        for span in spans {
            let time = start(span)
            while next < ranges.count, ranges[next].interval.lowerBound <= time {
                open.append(ranges[next])
                next += 1
            }
            let enclosing = open.filter { $0.interval.upperBound > time }
            let inside = Self.messages(enclosing).suffix(1)
            if !inside.isEmpty {
                messages[span] = Array(inside)
            } else if enclosing.allSatisfy(\.isBatch) {
                let batch = Self.messages(open.filter { $0.interval.upperBound <= time })
                if batch.isEmpty { unknown.append(span) } else { messages[span] = batch }
            }
            open = enclosing
        }
    }

    /// The messages of calls and ranges. Calls say more than ranges, and a message may have both.
    private static func messages(_ ranges: [HostRange]) -> [LaunchedMessage] {
        let messages = ranges.compactMap(\.message)
        let calls = messages.filter(\.isCall)
        return calls.isEmpty ? messages : calls
    }
}
