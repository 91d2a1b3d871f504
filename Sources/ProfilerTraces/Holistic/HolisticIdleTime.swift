extension HolisticAnalysis {
    /// How long a stream idled for one cause, as a row of the tool's idle-time breakdown.
    public struct IdleTime: Hashable, Sendable {
        /// The tool's causes, in its order.
        public enum Cause: Int, CaseIterable, Sendable {
            /// The call that started a kernel began only after the kernel before had ended.
            case hostWait
            /// The gap between two kernels is below 30 µs.
            case kernelWait
            /// All else; in every stream, since the first kernel counts here.
            case other

            /// The tool's word for it.
            public var name: String { ["host_wait", "kernel_wait", "other"][rawValue] }
        }

        /// The rank.
        public let rank: Int
        /// The stream.
        public let stream: Int64
        /// Why it idled.
        public let cause: Cause
        /// `idle_time`, in microseconds.
        public let time: Double
        /// `idle_time_ratio`, the part of the stream's idle time; nil, where it prints NaN, without any.
        public let ratio: Double?
    }
}

extension HolisticAnalysis.IdleTime {
    /// Gaps up to here are what starting one kernel after another takes, in microseconds.
    private static let kernelDelay = 30.0

    /// The rows of one rank: its streams as they come in the trace, each with the causes that it has.
    static func ofRank(
        _ rank: Int, rows: HolisticRows, work: [HolisticRows.Work], keepsHost: ((Int64) -> Bool)?, origin: Double
    ) -> [Self] {
        let kernels = work.filter(\.isKernel)
        var seen: Set<Int64> = []
        let streams = kernels.map(\.stream).filter { seen.insert($0).inserted }
        let kernelsOfStream = Dictionary(grouping: kernels, by: \.stream)
        // A kernel whose call is not there counts as started by the file's first event, whose index stands for "none".
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
                // Its copies follow upon itself.
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
