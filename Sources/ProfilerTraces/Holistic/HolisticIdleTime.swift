extension HolisticAnalysis {
    /// The idle time of a stream for one cause: a row of the tool's idle-time breakdown.
    public struct IdleTime: Hashable, Sendable {
        /// The tool's causes, in its order.
        public enum Cause: Int, CaseIterable, Sendable {
            /// The call that launched a kernel started after the end of the previous kernel.
            case hostWait
            /// The gap between two kernels is below 30 µs.
            case kernelWait
            /// All other idle time. Every stream has this row, since the tool counts the first kernel here.
            case other

            /// The tool's name of the cause.
            public var name: String { ["host_wait", "kernel_wait", "other"][rawValue] }
        }

        /// The rank.
        public let rank: Int
        /// The stream.
        public let stream: Int64
        /// The cause of the idle time.
        public let cause: Cause
        /// `idle_time`, in microseconds.
        public let time: Double
        /// `idle_time_ratio`, the share of the stream's idle time; nil if the stream was never idle, for which the tool
        /// prints NaN.
        public let ratio: Double?
    }
}

extension HolisticAnalysis.IdleTime {
    /// The gap between two kernels, in microseconds, below which the delay of starting a kernel is the cause.
    private static let kernelDelay = 30.0

    /// Returns the rows of one rank: its streams in the order of the trace, each with the causes that occur on it.
    static func ofRank(
        _ rank: Int, rows: HolisticRows, work: [HolisticRows.Work], keepsHost: ((Int64) -> Bool)?, origin: Double
    ) -> [Self] {
        let kernels = work.filter(\.isKernel)
        var seen: Set<Int64> = []
        let streams = kernels.map(\.stream).filter { seen.insert($0).inserted }
        let kernelsOfStream = Dictionary(grouping: kernels, by: \.stream)
        // The tool uses 0 as the index of a missing call, which is the index of the file's first event. A kernel
        // without a call therefore counts as launched by that event.
        let first = work.first { $0.index == 0 }?.start ?? rows.firstStart.flatMap { keepsHost?($0) ?? true ? $0 : nil }
        let calls = Dictionary(rows.calls.map { ($0.correlation, $0.start) }, uniquingKeysWith: { $1 })
        let launch = { (kernel: HolisticRows.Work) -> Double? in
            guard kernel.stream >= 0, kernel.correlation >= 0 else { return nil }
            guard let call = calls[kernel.correlation] else { return first.map { rows.time($0) - origin } }
            return keepsHost?(call) ?? true ? rows.time(call) - origin : nil
        }
        return streams.flatMap { stream -> [Self] in
            var sums: [Double?] = [nil, nil, 0]
            var previous: Double?
            let ordered = (kernelsOfStream[stream] ?? []).map { ($0, rows.times($0, origin: origin)) }
            for (kernel, times) in ordered.sorted(by: { $0.1.start < $1.1.start }) {
                let launch = launch(kernel)
                func add(after end: Double, times count: Int) {
                    let gap = times.start - end
                    let isHost = launch.map { $0 > end } ?? false
                    let cause = isHost ? Cause.hostWait : gap < kernelDelay ? .kernelWait : .other
                    sums[cause.rawValue] = (sums[cause.rawValue] ?? 0) + Double(count) * gap
                }
                if let previous { add(after: previous, times: 1) }
                // The copies of a kernel in the tool's table follow the kernel itself.
                if kernel.copies > 1 { add(after: times.end, times: kernel.copies - 1) }
                previous = times.end
            }
            let total = sums.reduce(0) { $0 + ($1 ?? 0) }
            return zip(Cause.allCases, sums).compactMap { cause, sum in
                sum.map {
                    Self(
                        rank: rank, stream: stream, cause: cause, time: rounded($0),
                        ratio: total == 0 ? nil : rounded($0 / total))
                }
            }
        }
    }
}
