/// Finds the innermost of a program's ranges in which each of many calls was made.
struct AnnotationFinder {
    private let annotations: [TraceAnnotation]
    /// The ranges that name a part of the program, and those that merely repeat a collective's name.
    private let parts: [Int]
    private let collectives: [Int]

    init(_ annotations: [TraceAnnotation]) {
        self.annotations = annotations
        parts = annotations.indices.filter { annotations[$0].step == nil && !annotations[$0].name.hasPrefix("nccl:") }
        collectives = annotations.indices.filter { annotations[$0].name.hasPrefix("nccl:") }
    }

    /// For each call, the index of a range; -1 where none holds it. O((n + m) log n), times the threads that have
    /// ranges.
    ///
    /// A range of the call's own thread comes first; a call of a thread without one, as the backward pass makes them,
    /// belongs to the innermost range that is open elsewhere.
    func innermost(of calls: [KernelLaunch]) -> [Int32] {
        let order = calls.indices.sorted { (calls[$0].start, $0) < (calls[$1].start, $1) }
        var found = sweep(parts, calls, order)
        if found.contains(-1), !collectives.isEmpty {
            let others = sweep(collectives, calls, order)
            for index in found.indices where found[index] < 0 { found[index] = others[index] }
        }
        return found
    }

    private func sweep(_ ranges: [Int], _ calls: [KernelLaunch], _ order: [Int]) -> [Int32] {
        var found = [Int32](repeating: -1, count: calls.count)
        var open: [Int32: [Int]] = [:]
        var next = 0
        for call in order {
            let time = calls[call].start
            while next < ranges.count, annotations[ranges[next]].start <= time {
                let thread = annotations[ranges[next]].thread
                var stack = open[thread] ?? []
                while let last = stack.last, annotations[last].end <= annotations[ranges[next]].start {
                    stack.removeLast()
                }
                stack.append(ranges[next])
                open[thread] = stack
                next += 1
            }
            if let own = holder(open[calls[call].thread] ?? [], time) {
                found[call] = Int32(own)
            } else if let other = open.values.compactMap({ holder($0, time) }).max(by: {
                (annotations[$0].start, $0) < (annotations[$1].start, $1)
            }) {
                found[call] = Int32(other)
            }
        }
        return found
    }

    private func holder(_ stack: [Int], _ time: Int64) -> Int? { stack.last { annotations[$0].end > time } }
}
