import Timelines

/// The messages of one rank whose kernels name neither peer nor process group, from the ranges in which the kernels
/// were launched. PyTorch gives no arguments to a kernel that runs a batch of sends and receives.
struct LaunchedMessages {
    /// For each span that sends or receives, its messages. A batch has several.
    private(set) var messages: [Int: [MessageRange]] = [:]
    /// The spans of which the launching ranges do not tell whether and to whom they send.
    private(set) var unknown: [Int] = []

    /// The ranges of a thread that name communication, by start.
    private typealias Ranges = [(annotation: TraceAnnotation, message: MessageRange?)]

    init(_ trace: RankTrace) {
        let isCandidate = trace.kinds.map { $0.family.hasSuffix("send-receive") }
        guard isCandidate.contains(true) else { return }
        let candidates = trace.timeline.spans.indices.filter {
            isCandidate[Int(trace.timeline.spans[$0].event)] && trace.collectiveOfSpan[$0] < 0
        }
        guard !candidates.isEmpty else { return }
        let ranges = Dictionary(
            grouping: trace.annotations.filter { Self.namesCommunication($0.name) }, by: \.thread
        ).mapValues { $0.map { (annotation: $0, message: MessageRange(name: $0.name)) } }
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

    private static func namesCommunication(_ name: String) -> Bool {
        name.hasPrefix("nccl") || MessageRange(name: name) != nil
    }

    /// Adds the messages of the spans that one thread launched, in the order of their launches. A launch within a range
    /// that sends or receives is that message. A batch is launched after the ranges of its messages.
    private mutating func add(_ spans: [Int], _ ranges: Ranges, start: (Int) -> Int64) {
        var next = 0
        var open: Ranges = []
        for span in spans {
            let time = start(span)
            while next < ranges.count, ranges[next].annotation.start <= time {
                open.append(ranges[next])
                next += 1
            }
            let enclosing = open.filter { $0.annotation.end > time }
            if let message = enclosing.last(where: { $0.message != nil })?.message {
                messages[span] = [message]
            } else if enclosing.allSatisfy({ Self.isBatch($0.annotation.name) }) {
                let batch = open.compactMap { $0.annotation.end <= time ? $0.message : nil }
                if batch.isEmpty { unknown.append(span) } else { messages[span] = batch }
            }
            open = enclosing
        }
    }

    /// Whether a range launches a batch, in contrast to an operation such as `nccl:all_to_all`, which also runs as a
    /// kernel that sends and receives.
    private static func isBatch(_ name: String) -> Bool { name.contains("coalesced") || name.contains("Group") }
}
