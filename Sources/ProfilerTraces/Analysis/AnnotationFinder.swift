/// Finds, for each of many calls, the innermost of the program's ranges that the call was made in.
package struct AnnotationFinder {
    private let annotations: [TraceAnnotation]
    /// The indices of the ranges that name a part of the program.
    private let parts: [Int]
    /// The indices of the ranges that only repeat a collective's name, which PyTorch adds.
    private let collectives: [Int]

    package init(_ annotations: [TraceAnnotation]) {
        self.annotations = annotations
        parts = annotations.indices.filter { annotations[$0].step == nil && !annotations[$0].name.hasPrefix("nccl:") }
        collectives = annotations.indices.filter { annotations[$0].name.hasPrefix("nccl:") }
    }

    /// Returns, for each call, the index of its range; -1 if no range contains it. O((n + m) log n), multiplied by the
    /// number of threads that have ranges.
    ///
    /// Ranges of the call's own thread take precedence. If that thread has no open range, as in the threads of the
    /// backward pass, the call belongs to the range of another thread that was opened last.
    package func innermost(of calls: [KernelLaunch]) -> [Int32] {
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
